import { Agent, request } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import type { Ledger, Sent } from './ledger.js'

/** What all writers of a run share. */
export interface Writing {
  readonly port: number
  readonly ledger: Ledger
  readonly random: () => number
  /** Says that no further write is to begin. */
  readonly done: () => boolean
  readonly onAnswer: (sentAt: number) => void
  readonly told: Told
}

/** What writers met. */
export interface Told {
  /** Attempts whose outcome nobody knew, by what was heard instead of an answer. */
  readonly unknown: Record<string, number>
  replays: number
  /** Replayed answers that were others than the first. */
  readonly differences: string[]
  /** Answers that a writer with a key may not get. */
  readonly unexpected: string[]
}

/** How long a key is asked for again: far longer than any recovery takes. */
const PATIENCE_MS = 120_000
const ATTEMPT_MS = 20_000
/** One answered write in so many is sent again, as if its answer had been lost. */
const REPLAYED = 1 / 40

interface Answer {
  readonly status: number
  readonly body: string
  readonly replayed: boolean
}

/**
 * One client on one kept connection. It makes a write, and goes on to the next when it has an answer: whatever it hears
 * instead of one (a reset, a 5xx, nothing), it sends the same key again.
 */
export async function write(name: string, writing: Writing): Promise<void> {
  const { ledger, random, done, told } = writing
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const ask = (sent: Sent) => untilAnswered((it) => attempt(agent, name, it, writing.port), sent, writing)
  /** The answer to a key is the first one that was given, whenever it is asked for. */
  const compare = async (sent: Sent, isFirst: (answer: Answer) => boolean) => {
    const again = await ask(sent)
    if (again === undefined) return
    told.replays += 1
    if (!isFirst(again)) told.differences.push(`${sent.note}: ${again.body} instead of row ${sent.acknowledged}`)
    if (!again.replayed) told.differences.push(`${sent.note}: answered anew, and not from what was kept`)
  }
  try {
    while (!done()) {
      const sent = ledger.send(name, random() < 0.5 ? 'paved' : 'counted')
      const first = await ask(sent)
      if (first === undefined) continue
      ledger.acknowledge(sent, idIn(first))
      if (random() < REPLAYED) await compare(sent, ({ body }) => body === first.body)
      const earlier = random() < REPLAYED ? ledger.earlier(name, random) : undefined
      if (earlier !== undefined) await compare(earlier, (again) => idIn(again) === earlier.acknowledged)
    }
  } finally {
    agent.destroy()
  }
}

async function untilAnswered(
  send: (sent: Sent) => Promise<Answer | string>,
  sent: Sent,
  { told, onAnswer }: Writing,
): Promise<Answer | undefined> {
  const until = performance.now() + PATIENCE_MS
  for (let wait = 5; performance.now() < until; wait = Math.min(wait * 2, 100)) {
    const sentAt = performance.now()
    const answer = await send(sent)
    if (typeof answer !== 'string') {
      if (answer.status === 201 || answer.status === 200) {
        onAnswer(sentAt)
        return answer
      }
      // 409 is "the same key is under way": an attempt whose client has gone may still be at work.
      if (answer.status < 500 && answer.status !== 409) {
        told.unexpected.push(`${sent.note}: ${answer.status} ${answer.body}`)
        return undefined
      }
    }
    const heard = typeof answer === 'string' ? answer : String(answer.status)
    told.unknown[heard] = (told.unknown[heard] ?? 0) + 1
    await pause(wait)
  }
  return undefined
}

/** One attempt: an answer that arrived whole, or a word for what came instead. */
function attempt(agent: Agent, name: string, { note, made }: Sent, port: number): Promise<Answer | string> {
  const body = JSON.stringify({ note, made })
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'x-writer': name,
    'idempotency-key': `"${note}"`,
  }
  return new Promise((resolve) => {
    const options = {
      agent,
      port,
      host: '127.0.0.1',
      method: 'POST',
      path: `/api/${made}`,
      headers,
      timeout: ATTEMPT_MS,
    }
    const sending = request(options, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => (text += chunk))
      response.on('error', () => resolve('cut'))
      response.on('close', () => {
        const replayed = response.headers['idempotency-replayed'] === 'true'
        resolve(response.complete ? { status: response.statusCode!, body: text, replayed } : 'cut')
      })
    })
    sending.on('timeout', () => sending.destroy(Object.assign(new Error(), { code: 'timeout' })))
    sending.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'error'))
    sending.end(body)
  })
}

function idIn({ body }: Answer): string {
  return String((JSON.parse(body) as { id?: unknown }).id)
}
