import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ROOT } from '../support/markdown.ts'
import { seeded } from '../support/seeded.js'
import { buildProgram, type Program } from '../kills/build-program.js'
import { type BankPlace, bankPlace, deliver, payment, startBank } from './bank-place.js'
import type { Death } from './dying.js'

let place: BankPlace
let program: Program

beforeAll(async () => {
  place = await bankPlace()
  program = await buildProgram(ROOT, undefined, 'test/webhooks/served-program.ts')
})
afterAll(async () => {
  await program.remove()
  await place.drop()
})

const moments = ['before', 'during', 'after'] as const
const deaths = (['store', 'lock', 'effect', 'mark', 'record'] as const).flatMap((step) =>
  moments.map((when): Death => ({ step, when })),
)
const nameOf = ({ step, when }: Death) => `${when}-${step}`

/** Waits until every event is final, and says what each has come to. */
async function settled(ids: readonly string[]) {
  const rows = () =>
    place.sql(
      `select dedupe_key, status from postern.webhook_inbox where dedupe_key = any('{${ids.map((id) => `id:${id}`).join()}}')`,
    )
  await expect
    .poll(async () => (await rows()).filter(({ status }) => status === 'received').length, { timeout: 60_000 })
    .toBe(0)
  return new Map((await rows()).map(({ dedupe_key: key, status }) => [String(key).slice(3), status]))
}

describe('the process is killed at every step of the protocol', () => {
  test('and each event has its effect once: those that came again, and those that nobody sent again', async () => {
    for (const death of deaths) {
      for (const then of ['again', 'left'] as const) {
        const bank = await startBank(program.file, { url: place.url, death, workers: false })
        const fails = death.step === 'record' ? 1 : 0
        const id = `${nameOf(death)}-${then}`
        expect(await deliver(bank, '/pay', payment(id, { fails })), id).toBe(null)
        await bank.exited
      }
    }
    // What was not stored was answered by nobody: the provider comes again, as it does with half of the others.
    const stored = new Set(
      (await place.sql('select dedupe_key from postern.webhook_inbox')).map(({ dedupe_key: key }) => key),
    )
    const all = deaths.flatMap((death) => [`${nameOf(death)}-again`, `${nameOf(death)}-left`])
    expect([stored.has('id:before-store-left'), stored.has('id:after-store-left')]).toEqual([false, true])
    const bank = await startBank(program.file, { url: place.url })
    const sent = all.filter((id) => id.endsWith('again') || !stored.has(`id:${id}`))
    const answers: unknown[] = []
    for (const id of sent) answers.push([id, (await deliver(bank, '/pay', payment(id)))?.status])
    expect(answers).toEqual(sent.map((id) => [id, 200]))
    const statuses = await settled(all)
    await bank.kill()
    expect(all.filter((id) => statuses.get(id) !== 'succeeded')).toEqual([])
    const effects = await place.effects()
    expect(all.map((id) => [id, effects.get(id)])).toEqual(all.map((id) => [id, 1]))
  })

  test('at twenty random moments amid deliveries: none lost, none doubled', async () => {
    const seed = Number(process.env['KILLS_SEED'] ?? Math.floor(Math.random() * 1e6))
    const kills = Number(process.env['KILLS'] ?? 20)
    const random = seeded(seed)
    const acknowledged = new Set<string>()
    const all: string[] = []
    for (let kill = 0; kill < kills; kill += 1) {
      const bank = await startBank(program.file, { url: place.url })
      const dead = new AbortController()
      const sending = Array.from({ length: 8 }, async (_, sender) => {
        for (let index = 0; !dead.signal.aborted; index += 1) {
          const id = `r${seed}-${kill}-${sender}-${index}`
          all.push(id)
          const fails = random() < 0.1 ? 1 : 0
          const answer = await deliver(bank, random() < 0.2 ? '/queued' : '/pay', payment(id, { fails }))
          if (answer?.status === 200) acknowledged.add(id)
        }
      })
      await pause(random() * 300)
      dead.abort()
      await bank.kill()
      await Promise.all(sending)
    }
    // Nobody comes again: what was acknowledged is the inbox's own.
    const bank = await startBank(program.file, { url: place.url })
    await settled(all)
    await bank.kill()
    const effects = await place.effects()
    const lost = [...acknowledged].filter((id) => !effects.has(id))
    const doubled = all.filter((id) => (effects.get(id) ?? 0) > 1)
    process.stdout.write(
      `seed ${seed}: ${kills} kills, ${all.length} events, ${acknowledged.size} acknowledged; lost ${lost.length}, doubled ${doubled.length} (95 %: at most ${(300 / Math.max(1, all.length)).toFixed(3)} % of events)\n`,
    )
    expect({ seed, lost, doubled }).toEqual({ seed, lost: [], doubled: [] })
    expect(acknowledged.size).toBeGreaterThan(kills)
  })
})
