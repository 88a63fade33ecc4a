import { expect, test } from 'vitest'
import { alice, bob, onEachDriver, once } from '../../../../test/support/drivers.js'
import { identityOf } from './identity.js'
import type { Statement } from './statement.js'
import type { Unit } from './unit.js'

/** What a statement that says nothing of a role finds on the connection. */
const who: Statement = {
  text: `select current_user = session_user, coalesce(current_setting('request.jwt.claims', true), ''),
    coalesce(current_setting('request.jwt.claim.sub', true), ''), current_setting('transaction_read_only')`,
  values: [],
}
const CLEAN = ['t', '', '', 'off']
const oneByZero: Statement = { text: 'select 1 / 0', values: [] }

onEachDriver(({ connect, bare }) => {
  test('the bare login reads nothing, and may become the roles that can', async () => {
    const options = { poolSize: 1 }
    const db = connect(options)
    await once(db, alice, "insert into notes (body) values ('bare')")
    expect((await once(db, alice, 'select body from notes')).rows).toEqual([['bare']])
    for (const text of [
      'select * from notes',
      "insert into notes (owner_id, body) values ('alice', 'x')",
      'truncate notes',
    ]) {
      await expect(bare(options, { text, values: [] })).rejects.toMatchObject({ code: '42501' })
    }
    await expect(bare(options, { text: 'create table public.mine (a int)', values: [] })).rejects.toMatchObject({
      code: '42501',
    })
    await expect(once(db, alice, 'create table public.mine (a int)')).rejects.toMatchObject({ code: '42501' })
    await expect(once(db, alice, 'truncate notes')).rejects.toMatchObject({ code: '42501' })
  })

  const endings: Record<string, (unit: Unit, controller: AbortController) => Promise<unknown>> = {
    'an answer': (unit) => unit.run(alice, { text: 'select 1', values: [] }),
    'an error': (unit) => unit.run(alice, oneByZero),
    'a thrown function': (unit) =>
      unit.transaction(async (inner) => {
        await inner.run(alice, { text: 'select 1', values: [] })
        throw new Error('thrown')
      }),
    'an abort': (unit, controller) => {
      setTimeout(() => controller.abort(new Error('gone')), 20)
      return unit.run(alice, { text: 'select pg_sleep(0.1)', values: [] })
    },
    'a begin in raw SQL': (unit) => unit.runAll(alice, [{ text: 'begin', values: [] }]),
  }
  for (const [ending, end] of Object.entries(endings)) {
    test.each(['read', 'request', 'statement', 'snapshot'] as const)(
      `after ${ending}, the connection has forgotten who it was (%s)`,
      async (mode) => {
        const options = { poolSize: 1, poolWaitMs: 2_000 }
        const db = connect(options)
        const controller = new AbortController()
        const unit = db.unit({ mode, signal: controller.signal })
        await end(unit, controller).catch(() => {})
        await unit.close()
        expect((await bare(options, who)).rows).toEqual([CLEAN])
      },
    )
  }

  test('fifty people over three connections, with errors, aborts and thrown functions between: 0 foreign rows', async () => {
    const db = connect({ poolSize: 3, poolWaitMs: 20_000 })
    const people = Array.from({ length: 50 }, (_, index) =>
      identityOf({ id: `person-${index}`, roles: [], claims: {} }),
    )
    for (const person of people) await once(db, person, 'insert into notes (body) values ($1)', [`of ${person.sub}`])
    let foreign = 0
    let own = 0
    const random = seeded(7)
    await Promise.all(
      Array.from({ length: 8 }, async () => {
        for (let turn = 0; turn < 60; turn += 1) {
          const person = people[Math.floor(random() * people.length)]!
          const controller = new AbortController()
          const mode = (['read', 'request', 'statement', 'snapshot'] as const)[Math.floor(random() * 4)]!
          const unit = db.unit({ mode, signal: controller.signal })
          if (random() < 0.2) setTimeout(() => controller.abort(), random() * 3)
          try {
            if (random() < 0.2) await unit.run(bob, oneByZero).catch(() => {})
            const { rows } = await unit.run(person, {
              name: 'own-notes',
              text: 'select owner_id from notes',
              values: [],
            })
            own += rows.filter(([owner]) => owner === person.sub).length
            foreign += rows.filter(([owner]) => owner !== person.sub).length
          } catch {
            // An abort, or a transaction that the error before has ended.
          } finally {
            await unit.close()
          }
        }
      }),
    )
    expect(own).toBeGreaterThan(100)
    expect({ foreign }).toEqual({ foreign: 0 })
  })
})

function seeded(state: number): () => number {
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
