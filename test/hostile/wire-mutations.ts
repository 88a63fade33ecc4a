/** What is sent on one connection. */
export interface WireCase {
  readonly pieces: readonly string[]
  /** The statuses of requests that nothing was done to; `refused` where the first answer is 400 and the last; else anything. */
  readonly expects: readonly Message[] | 'refused' | 'anything'
  readonly what: string
}

export interface Message {
  readonly text: string
  readonly status: number
  /** Answered before its body is read: if that takes longer than half a second, the connection ends with the answer. */
  readonly early?: boolean
}

/** Valid requests, as clients write them. */
function messages(marker: string): Message[] {
  const host = 'Host: localhost\r\n'
  const user = `${host}X-Test-User: alice\r\n`
  const body = JSON.stringify({ title: `x${marker}`, count: 3, tags: ['a', 'b'] })
  const typed = 'Content-Type: application/json\r\n'
  const wrong = JSON.stringify({ title: 7, [marker]: marker })
  const half = Math.floor(body.length / 2)
  const chunks = `${half.toString(16)}\r\n${body.slice(0, half)}\r\n${(body.length - half).toString(16)}\r\n${body.slice(half)}\r\n0\r\n\r\n`
  return [
    { text: `GET /probe/5 HTTP/1.1\r\n${host}\r\n`, status: 200 },
    { text: `GET /later HTTP/1.1\r\n${host}X-A: ${marker}\r\n\r\n`, status: 200 },
    { text: `GET /things?limit=2&sort=title HTTP/1.1\r\n${user}Accept: */*\r\n\r\n`, status: 200 },
    { text: `GET /things/1 HTTP/1.1\r\n${host}X-Test-User: carol\r\nCookie: a=${marker}; b=2\r\n\r\n`, status: 200 },
    { text: `GET /things/1 HTTP/1.1\r\n${user}\r\n`, status: 404 },
    { text: `GET /find?q=${marker.padEnd(30, 'x')} HTTP/1.1\r\n${host}\r\n`, status: 400 },
    { text: `OPTIONS /things HTTP/1.1\r\n${host}\r\n`, status: 204 },
    { text: `PUT /things HTTP/1.1\r\n${user}Content-Length: 2\r\n\r\n{}`, status: 405, early: true },
    { text: `DELETE /things HTTP/1.1\r\n${user}\r\n`, status: 405 },
    { text: `POST /strict HTTP/1.1\r\n${user}${typed}Content-Length: ${body.length}\r\n\r\n${body}`, status: 204 },
    { text: `POST /strict HTTP/1.1\r\n${user}${typed}Transfer-Encoding: chunked\r\n\r\n${chunks}`, status: 204 },
    { text: `POST /strict HTTP/1.1\r\n${user}${typed}Content-Length: ${wrong.length}\r\n\r\n${wrong}`, status: 400 },
    {
      text: `POST /json HTTP/1.1\r\n${user}${typed}Expect: 100-continue\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      status: 204,
    },
    {
      text: `POST /anything HTTP/1.1\r\n${host}${typed}Content-Length: ${body.length}\r\n\r\n${body}`,
      status: 401,
      early: true,
    },
    { text: `GET /nothing/${marker} HTTP/1.1\r\n${host}\r\n`, status: 404 },
  ]
}

/** What two programs would read differently, in front of a valid request: the connection ends with the refusal. */
function refusedMessages(marker: string): string[] {
  const host = 'Host: localhost\r\n'
  return [
    `GET /probe/5 HTTP/1.1\r\n${host}Host: ${marker}.example\r\n\r\n`,
    `GET /probe/5 HTTP/1.1\r\n${host}${host}\r\n`,
    `GET /probe/5 HTTP/1.1\r\nX-A: ${marker}\r\n\r\n`,
    `GET http://${marker}.example/probe/5 HTTP/1.1\r\n${host}\r\n`,
    `GET /things HTTP/1.1\r\n${host}Authorization: ${marker}\r\nAuthorization: b\r\n\r\n`,
    `POST /strict HTTP/1.1\r\n${host}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    `POST /strict HTTP/1.1\r\n${host}Content-Length: 3\r\nContent-Length: 4\r\n\r\n{}${marker}`,
    `POST /strict HTTP/1.1\r\n${host}Transfer-Encoding: ${marker}\r\n\r\n`,
    `GET /probe/5 HTTP/1.1\r\n${host}X-A: a\r\n ${marker}\r\n\r\n`,
    `GET /probe/5 HTTP/1.1\n${host}X-A: ${marker}\n\n`,
    `GET /probe/\xc3\xbc${marker} HTTP/1.1\r\n${host}\r\n`,
    `${marker}\r\n\r\n`,
  ]
}

type Random = () => number

/** A case by chance: valid requests in odd pieces, requests that are refused by their making, or mutations of valid ones. */
export function wireCase(random: Random, marker: string): WireCase {
  const chance = random()
  const known = messages(marker)
  const several = Array.from({ length: 1 + below(random, 3) }, () => one(random, known))
  const text = several.map((message) => message.text).join('')
  if (chance < 0.2) {
    return { pieces: split(random, text), expects: several, what: 'valid, in pieces' }
  }
  if (chance < 0.3) {
    const refused = one(random, refusedMessages(marker)) + text
    return { pieces: split(random, refused), expects: 'refused', what: 'refused by its making' }
  }
  let mutated = text
  const done: string[] = []
  for (let times = 1 + below(random, 3); times > 0; times -= 1) {
    const [name, mutate] = one(random, Object.entries(mutations))
    mutated = mutate(mutated, random)
    done.push(name)
  }
  return { pieces: split(random, mutated), expects: 'anything', what: done.join(', ') }
}

const mutations: Readonly<Record<string, (text: string, random: Random) => string>> = {
  'a bit flipped': (text, random) => {
    const at = below(random, text.length)
    return (
      text.slice(0, at) + String.fromCharCode((text.charCodeAt(at) || 0) ^ (1 << below(random, 8))) + text.slice(at + 1)
    )
  },
  'a byte put in': (text, random) => {
    const at = below(random, text.length)
    return text.slice(0, at) + one(random, BYTES) + text.slice(at)
  },
  'bytes twice': (text, random) => {
    const [at, end] = range(random, text.length, 40)
    return text.slice(0, end) + text.slice(at)
  },
  'bytes dropped': (text, random) => {
    const [at, end] = range(random, text.length, 20)
    return text.slice(0, at) + text.slice(end)
  },
  'a line twice': (text, random) => changeLine(text, random, (line) => [line, line]),
  'a line dropped': (text, random) => changeLine(text, random, () => []),
  'a line put in': (text, random) => changeLine(text, random, (line) => [line, one(random, LINES)]),
  'cut short': (text, random) => text.slice(0, below(random, text.length)),
  'a number changed': (text, random) => {
    const numbers = [...text.matchAll(/\d+/g)]
    const { index = 0, 0: found = '' } = numbers[below(random, numbers.length)] ?? {}
    return text.slice(0, index) + one(random, NUMBERS) + text.slice(index + found.length)
  },
  'upper and lower case': (text, random) => {
    const [at, end] = range(random, text.length, 10)
    return text.slice(0, at) + text.slice(at, end).toUpperCase() + text.slice(end)
  },
}

const BYTES = [
  '\0',
  '\r',
  '\n',
  '\r\n',
  ' ',
  '\t',
  ':',
  ',',
  ';',
  '"',
  '\\',
  '\x7f',
  '\x80',
  '\xff',
  '/',
  '?',
  '#',
  '%',
  '{',
  '0',
]
const NUMBERS = [
  '0',
  '1',
  '-1',
  '00',
  '+5',
  '1e3',
  '4294967296',
  '18446744073709551616',
  '0x5',
  ' 5',
  '5 5',
  '99999999',
]
const LINES = [
  'Content-Length: 0',
  'Content-Length: 5',
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: identity',
  'Transfer-Encoding : chunked',
  'Connection: close',
  'Connection: upgrade',
  'Upgrade: h2c',
  'HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA',
  'Host: elsewhere.example',
  'Expect: 100-continue',
  'Expect: x',
  'Trailer: X-A',
  'Content-Encoding: gzip',
  '__proto__: x',
  'X-Long: '.padEnd(9_000, 'x'),
  ': x',
  'X\0: x',
  'GET /probe/6 HTTP/1.1',
  '',
]

function changeLine(text: string, random: Random, change: (line: string) => string[]): string {
  const lines = text.split('\r\n')
  const at = below(random, lines.length)
  return [...lines.slice(0, at), ...change(lines[at] ?? ''), ...lines.slice(at + 1)].join('\r\n')
}

/** In one piece, in a few, or byte by byte. */
function split(random: Random, text: string): string[] {
  const chance = random()
  if (chance < 0.4) return [text]
  if (chance < 0.5) return text.length > 400 ? [text] : [...text]
  const cuts = Array.from({ length: 1 + below(random, 4) }, () => below(random, text.length)).sort((a, b) => a - b)
  return [0, ...cuts].map((from, index) => text.slice(from, cuts[index])).filter((piece) => piece !== '')
}

function below(random: Random, limit: number): number {
  return Math.floor(random() * Math.max(1, limit))
}

function range(random: Random, length: number, most: number): [number, number] {
  const at = below(random, length)
  return [at, at + 1 + below(random, most)]
}

function one<T>(random: Random, from: readonly T[]): T {
  return from[below(random, from.length)]!
}
