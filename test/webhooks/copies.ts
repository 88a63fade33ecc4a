import { setTimeout as pause } from 'node:timers/promises'
import { type BankProcess, deliver, payment } from './bank-place.js'

/** What came of copies of one event that were sent at the same time. */
export interface Copies {
  /** Answers that were not 200, by status; `null` is a connection that broke. */
  readonly bad: readonly (number | null)[]
  /** How long those waited that were not the first, in milliseconds, in order of size. */
  readonly copies: readonly number[]
  /** How long requests to another endpoint took meanwhile, in the same way. */
  readonly others: readonly number[]
}

/** A hundred copies at once, spread over processes, of an event whose handler takes `sleepMs`. */
export async function sendCopies(banks: readonly BankProcess[], id: string, sleepMs: number): Promise<Copies> {
  const others: number[] = []
  const over = new AbortController()
  const asking = (async () => {
    while (!over.signal.aborted) {
      const began = performance.now()
      const response = await fetch(new URL('/other', banks[0]!.url))
      await response.arrayBuffer()
      if (response.status === 200) others.push(performance.now() - began)
      await pause(10)
    }
  })()
  const body = payment(id, { sleepMs })
  const answers = await Promise.all(
    Array.from({ length: 100 }, (_, index) => deliver(banks[index % banks.length]!, '/slow', body)),
  )
  over.abort()
  await asking
  const copies = answers.filter((answer) => answer !== null && answer.body.status !== 'processed')
  return {
    bad: answers.filter((answer) => answer?.status !== 200).map((answer) => answer?.status ?? null),
    copies: copies.map((answer) => answer!.ms).toSorted((a, b) => a - b),
    others: others.toSorted((a, b) => a - b),
  }
}

/** As a server is that has run for a minute: its connections are open and its code is compiled. */
export async function warmUp(banks: readonly BankProcess[], name: string): Promise<void> {
  for (let round = 0; round < 10; round += 1) {
    const some = Array.from({ length: 20 }, (_, index) => payment(`warm-${name}-${round}-${index % 15}`))
    await Promise.all(some.map((body, index) => deliver(banks[index % banks.length]!, '/pay', body)))
  }
}

export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN
}
