import { setTimeout as pause } from 'node:timers/promises'
import { seeded } from '../support/seeded.js'
import type { BankProcess } from './bank-place.js'

/** Somebody sends, and somebody kills what they send to. */
export interface KillRun {
  readonly seed: number
  readonly kills: number
  readonly start: () => Promise<BankProcess>
  /** Sends one thing of that name; `true` where it was acknowledged. */
  readonly send: (bank: BankProcess, id: string, random: () => number) => Promise<boolean>
  /** Kills what is not the process: PostgreSQL, which is there again when this settles. Absent: the process dies by SIGKILL. */
  readonly crash?: () => Promise<void>
  /** Called after each death of a process. */
  readonly onKilled?: () => Promise<void>
  /** Whether nothing waits any more, asked of the database while a last process lives. */
  readonly isSettled: () => Promise<boolean>
  readonly senders?: number
  readonly onProgress?: (kills: number, acknowledged: number) => void
  /** Ends the run early; what was sent until then is waited for. */
  readonly signal?: AbortSignal
}

/** What was sent, and what somebody was told to be safe. */
export interface Killed {
  readonly kills: number
  readonly sent: readonly string[]
  readonly acknowledged: ReadonlySet<string>
  readonly seconds: number
}

/** Nobody sends anything again: what was acknowledged is the database's own from then on. */
export async function killRun(run: KillRun): Promise<Killed> {
  const began = performance.now()
  const random = seeded(run.seed)
  const told = { sent: [] as string[], acknowledged: new Set<string>() }
  let kills = 0
  let bank: BankProcess | undefined
  try {
    for (; kills < run.kills && run.signal?.aborted !== true; kills += 1) {
      bank ??= await run.start()
      const stop = new AbortController()
      const before = told.acknowledged.size
      const sending = sendAll(run, { bank, name: `r${run.seed}-${kills}`, random, stop: stop.signal, told })
      // Some die as soon as they live. Of the others a busy machine must have heard something first, or there is nothing to lose.
      if (random() < 0.8) await until(async () => told.acknowledged.size > before, 'Nothing was acknowledged', 10)
      await pause(random() * 300)
      if (run.crash === undefined) {
        stop.abort()
        await bank.kill()
        bank = undefined
        await run.onKilled?.()
      } else {
        await run.crash()
        // What comes while it recovers is part of it.
        await pause(random() * 100)
        stop.abort()
      }
      await sending
      run.onProgress?.(kills + 1, told.acknowledged.size)
    }
    bank ??= await run.start()
    await until(run.isSettled, 'What was acknowledged is still waiting')
  } finally {
    await bank?.kill()
  }
  return { ...told, kills, seconds: (performance.now() - began) / 1_000 }
}

interface Sending {
  readonly bank: BankProcess
  readonly name: string
  readonly random: () => number
  readonly stop: AbortSignal
  readonly told: { readonly sent: string[]; readonly acknowledged: Set<string> }
}

async function sendAll({ send, senders = 8 }: KillRun, { bank, name, random, stop, told }: Sending): Promise<void> {
  const sending = Array.from({ length: senders }, async (_, sender) => {
    for (let index = 0; !stop.aborted; index += 1) {
      const id = `${name}-${sender}-${index}`
      told.sent.push(id)
      if (await send(bank, id, random)) told.acknowledged.add(id)
      // A server that answers nobody is not asked in a ring.
      else await pause(5)
    }
  })
  await Promise.all(sending)
}

/** Looks again and again. Throws where it does not come true in two minutes. */
export async function until(isTrue: () => Promise<boolean>, otherwise: string, everyMs = 200): Promise<void> {
  const end = performance.now() + 120_000
  while (performance.now() < end) {
    if (await isTrue()) return
    await pause(everyMs)
  }
  throw new Error(`${otherwise} after 120 s`)
}

/** The rate of failures that none in `n` trials leaves possible, with 95 % confidence, as text. */
export function boundOf(n: number): string {
  return `at most ${(300 / Math.max(1, n)).toPrecision(2)} %`
}
