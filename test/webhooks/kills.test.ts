import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ROOT } from '../support/markdown.ts'
import { buildProgram, type Program } from '../kills/build-program.js'
import { type BankPlace, bankPlace, deliver, payment, startBank, startDoomed } from './bank-place.js'
import type { Death } from './dying.js'
import { killAmidEvents } from './event-kills.js'
import { boundOf } from './kill-run.js'

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

  test('while it claims what waits: what it had taken is taken by another', async () => {
    const ids: string[] = []
    const queueing = await startBank(program.file, { url: place.url, workers: false })
    for (const when of moments)
      for (let index = 0; index < 3; index += 1) {
        const id = `${when}-claim-${index}`
        ids.push(id)
        expect((await deliver(queueing, '/queued', payment(id)))?.status).toBeDefined()
      }
    await queueing.kill()
    for (const when of moments) {
      const doomed = await startDoomed(program.file, { url: place.url, death: { step: 'claim', when } })
      await doomed.exited
    }
    const bank = await startBank(program.file, { url: place.url })
    await settled(ids)
    await bank.kill()
    const effects = await place.effects()
    expect(ids.map((id) => [id, effects.get(id)])).toEqual(ids.map((id) => [id, 1]))
  })

  test('by an event, in each of its attempts: it is dead after them, and others go on', async () => {
    const row = async () =>
      (
        await place.sql("select status, attempts, last_error from postern.webhook_inbox where dedupe_key = 'id:poison'")
      )[0]!
    const dueNow = "update postern.webhook_inbox set next_attempt_at = now() where dedupe_key = 'id:poison'"
    const first = await startBank(program.file, { url: place.url, workers: false })
    expect(await deliver(first, '/poison', payment('poison', { kills: 1 }))).toBe(null)
    await first.exited
    expect(await row()).toMatchObject({ status: 'received', attempts: 1 })
    await place.sql(dueNow)
    const second = await startDoomed(program.file, { url: place.url })
    await second.exited
    expect(await row()).toMatchObject({ status: 'received', attempts: 2 })
    await place.sql(dueNow)
    const third = await startBank(program.file, { url: place.url })
    await settled(['poison'])
    expect(await row()).toMatchObject({
      status: 'dead',
      attempts: 2,
      last_error: { message: expect.stringContaining('ended in each of its attempts') },
    })
    expect((await deliver(third, '/poison', payment('beside the poison')))?.status).toBe(200)
    await third.kill()
    const effects = await place.effects()
    expect([effects.has('poison'), effects.get('beside the poison')]).toEqual([false, 1])
  })

  test('at twenty random moments amid deliveries: none lost, none doubled', async () => {
    const seed = Number(process.env['KILLS_SEED'] ?? Math.floor(Math.random() * 1e6))
    const report = await killAmidEvents(place, {
      seed,
      kills: Number(process.env['KILLS'] ?? 20),
      start: () => startBank(program.file, { url: place.url }),
    })
    const { kills, sent, acknowledged, lost, doubled, strange } = report
    process.stdout.write(
      `seed ${seed}: ${kills} kills, ${sent.length} events, ${acknowledged.size} acknowledged; lost ${lost.length}, doubled ${doubled.length} (95 %: ${boundOf(sent.length)} of events)\n`,
    )
    expect({ seed, lost, doubled, strange }).toEqual({ seed, lost: [], doubled: [], strange: [] })
    expect(acknowledged.size).toBeGreaterThan(kills / 2)
  }, 240_000)
})
