import { connect, type Socket } from 'node:net'
import { seeded } from '../support/seeded.js'
import { judge } from './judge.js'
import { markerOf } from './requests-campaign.js'
import type { Watch } from './watch.js'
import { wireAnswers } from './wire-answers.js'
import { type Message, type WireCase, wireCase } from './wire-mutations.js'

export interface WireOptions {
  readonly seed: number
  readonly cases: number
  readonly port: number
  readonly watch: Watch
  /** Only this one: the number that a report names. */
  readonly only?: number
  readonly untilFound?: boolean
  readonly onProgress?: (done: number, broken: number) => void
}

export interface WireResult {
  readonly done: number
  readonly statuses: Readonly<Record<string, number>>
  /** Connections on which a valid request sent afterwards was answered. */
  readonly probed: number
  readonly broken: readonly string[]
}

const WORKERS = 48
const MOST_BROKEN = 10

/**
 * Sends bytes that once were valid requests, then, where the connection is still open, a valid one. Whatever came before:
 * what comes back is a sequence of whole answers, each request is answered once, and the probe is answered last and rightly.
 */
export async function wireCampaign(options: WireOptions): Promise<WireResult> {
  const marker = markerOf(options.seed)
  const statuses: Record<string, number> = {}
  const broken: string[] = []
  const counts = { done: 0, probed: 0 }
  let next = options.only ?? 0
  const last = options.only === undefined ? options.cases : options.only + 1
  const enough = () => broken.length >= (options.untilFound ? 1 : MOST_BROKEN)

  const worker = async () => {
    while (next < last && !enough()) {
      const number = next
      next += 1
      const given = wireCase(seeded(options.seed * 7_919 + number), marker)
      const exchange = await converse(options.port, given, number)
      const { wrong, probed, seen } = judgeWire(given, exchange, number, marker, options.watch)
      for (const status of seen) statuses[status] = (statuses[status] ?? 0) + 1
      counts.done += 1
      if (probed) counts.probed += 1
      if (wrong.length > 0) broken.push(describe(options.seed, number, given, exchange.text, wrong))
      if (counts.done % 250 === 0) options.onProgress?.(counts.done, broken.length)
    }
  }
  await Promise.all(Array.from({ length: WORKERS }, worker))
  if (options.watch.unfit > 0) broken.push(`${options.watch.unfit} functions got what a schema or a limit refuses`)
  for (const failure of options.watch.failures.slice(0, MOST_BROKEN)) broken.push(`a failure of ours: ${failure}`)
  return { ...counts, statuses, broken }
}

interface Exchange {
  readonly text: string
  /** The server ended the connection; else we did, when it had gone quiet. */
  readonly ended: boolean
}

async function converse(port: number, { pieces, expects }: WireCase, number: number): Promise<Exchange> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  const heard = listen(socket)
  for (const piece of pieces) {
    if (heard.ended) break
    socket.write(piece, 'latin1')
    // A turn of the loop between them, so that they arrive apart.
    await new Promise(setImmediate)
  }
  await heard.quiet(expects === 'anything' ? 60 : 30)
  const probe = `GET /probe/${number + 1_000} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`
  if (!heard.ended) socket.write(probe, 'latin1')
  // What waits for bytes that never come is let go; what must answer gets all the time that a loaded machine needs.
  await heard.quiet(expects === 'anything' ? 400 : 20_000)
  const { ended } = heard
  socket.destroy()
  return { text: heard.text, ended }
}

function listen(socket: Socket) {
  const heard = {
    text: '',
    ended: false,
    /** Until the end, or until nothing has come for `ms`. */
    quiet: (ms: number) =>
      new Promise<void>((resolve) => {
        if (heard.ended) return resolve()
        const done = () => {
          clearTimeout(timer)
          socket.off('data', again).off('close', done)
          resolve()
        }
        const again = () => timer.refresh()
        const timer = setTimeout(done, ms)
        socket.on('data', again).on('close', done)
      }),
  }
  socket.setEncoding('latin1')
  socket.on('data', (chunk: string) => (heard.text += chunk))
  socket.on('error', () => {})
  socket.on('close', () => (heard.ended = true))
  return heard
}

function judgeWire(given: WireCase, { text, ended }: Exchange, number: number, marker: string, watch: Watch) {
  const { answers, rest } = wireAnswers(text)
  const wrong: string[] = []
  const ids = answers.map(({ headers }) => headers.get('x-request-id') ?? 'none')
  for (const [index, answer] of answers.entries()) {
    wrong.push(...judge(answer, { marker, mustRefuse: false }, watch.take(ids[index]!)))
  }
  if (new Set(ids).size !== ids.length) wrong.push('answered a request twice, or without its id')
  if (rest !== '' && ended) wrong.push(`sent what is no answer: ${JSON.stringify(rest.slice(0, 200))}`)
  const probes = answers.flatMap(({ body }, index) => (body.startsWith('{"probe":') ? [{ body, index }] : []))
  const mine = probes.filter(({ body }) => body === `{"probe":"${number + 1_000}"}`)
  if (mine.length > 1 || (mine.length === 1 && mine[0]!.index !== answers.length - 1))
    wrong.push('answered the probe out of turn')
  const known = answers.map(({ status }) => status)
  const { expects } = given
  if (expects === 'refused') {
    if (known.join() !== '400' || !ended) wrong.push(`took what must be refused, or more behind it: ${known.join()}`)
  } else if (expects !== 'anything' && !isRight(known, expects)) {
    wrong.push(`answered ${known.join()} instead of ${expects.map(({ status }) => status).join()},200`)
  }
  return { wrong, probed: mine.length === 1, seen: known }
}

function isRight(known: readonly number[], expects: readonly Message[]): boolean {
  const wanted = [...expects.map(({ status }) => status), 200]
  if (known.join() === wanted.join()) return true
  return expects[known.length - 1]?.early === true && known.join() === wanted.slice(0, known.length).join()
}

function describe(
  seed: number,
  number: number,
  { pieces, what }: WireCase,
  text: string,
  wrong: readonly string[],
): string {
  const sent = JSON.stringify(pieces).slice(0, 2_000)
  return `${wrong.join('; ')} (seed ${seed}, case ${number}: ${what}) sent ${sent} and got ${JSON.stringify(text.slice(0, 1_000))}`
}
