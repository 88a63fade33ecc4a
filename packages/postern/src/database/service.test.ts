import { randomUUID } from 'node:crypto'
import { sql } from 'drizzle-orm'
import { bigint, customType, jsonb, numeric, pgTable, text, timestamp } from 'drizzle-orm/pg-core'
import { expect, test } from 'vitest'
import { alice, allNotes, onEachDriver } from '../../../../test/support/drivers.js'
import { database } from './database.js'
import { drizzleOver } from './drizzle.js'
import { ROLES_SQL } from './roles.js'
import { unitRunner } from './service.js'
import { runInUnit } from './unit-store.js'

const notes = pgTable('notes', {
  id: bigint({ mode: 'bigint' }).generatedAlwaysAsIdentity().primaryKey(),
  ownerId: text('owner_id').notNull(),
  body: text().notNull(),
})

const add = (body: string) => sql`insert into notes (owner_id, body) values ('library', ${body})`

onEachDriver(({ kind, connect }) => {
  const service = () => connect().service('tests')

  test('each statement of a library is its own', async () => {
    await service().execute(add('own'))
    await expect(service().execute(add('own'))).rejects.toMatchObject({ cause: { code: '23505' } })
    expect(await allNotes(connect(), 'own')).toEqual(['own'])
  })

  test('its transaction() is one, with savepoints inside, and can be taken back', async () => {
    const handle = service()
    await handle.transaction(async (tx) => {
      await tx.execute(add('tx-1'))
      const inner = tx.transaction(async (nested) => {
        await nested.execute(add('tx-2'))
        nested.rollback()
      })
      await expect(inner).rejects.toThrow('Rollback')
      // The handle from outside finds the same transaction: on one connection it would wait for itself.
      await handle.execute(add('tx-3'))
    })
    const undone = handle.transaction(async (tx) => {
      await tx.execute(add('tx-4'))
      tx.rollback()
    })
    await expect(undone).rejects.toThrow('Rollback')
    expect(await allNotes(connect(), 'tx-%')).toEqual(['tx-1', 'tx-3'])
  })

  test('inside a request it joins the open transaction, as the service, and falls with it', async () => {
    const db = connect()
    const handle = db.service('tests')
    const unit = db.unit({ mode: 'request' })
    // Made out here and run in there: a query of Drizzle runs when it is awaited.
    const lazy = handle.execute.bind(handle, sql`select body, current_user from notes where body = 'uncommitted'`)
    await runInUnit(unit, async () => {
      await unit.run(alice, { text: "insert into notes (body) values ('uncommitted')", values: [] })
      expect((await lazy()).rows).toEqual([{ body: 'uncommitted', current_user: 'service_role' }])
      await handle.transaction((tx) => tx.execute(add('joined')))
      const mine = await unit.run(alice, { text: "select body from notes where owner_id = 'library'", values: [] })
      expect(mine.rows).toEqual([])
    })
    await unit.close()
    expect(await allNotes(db, 'joined')).toEqual([])
    expect(await allNotes(db, 'uncommitted')).toEqual([])
  })

  test('a transaction of another database is none of its own', async () => {
    const db = connect()
    const other = database({ schema: {}, directory: `memory://${randomUUID()}` })
    await other.asOwner((owner) =>
      owner.script(`${ROLES_SQL} create table elsewhere (body text); grant all on elsewhere to service_role`),
    )
    const handle = other.service('tests')
    const unit = db.unit({ mode: 'request' })
    await runInUnit(unit, async () => {
      await unit.run(alice, { text: "insert into notes (body) values ('undone')", values: [] })
      await handle.execute(sql`insert into elsewhere values ('one')`)
      await handle.transaction(async (tx) => {
        await tx.execute(sql`insert into elsewhere values ('two')`)
        // Both ways: inside that one, a handle of the first database still finds the first one's transaction.
        const { rows } = await db.service('tests').execute(sql`select body from notes where body = 'undone'`)
        expect(rows).toEqual([{ body: 'undone' }])
      })
    })
    await unit.close()
    expect((await handle.execute(sql`select body from elsewhere order by body`)).rows).toEqual([
      { body: 'one' },
      { body: 'two' },
    ])
    expect(await allNotes(db, 'undone')).toEqual([])
    await other.close()
  })

  test('before the request has opened a transaction it stands for itself', async () => {
    const db = connect()
    const unit = db.unit({ mode: 'request' })
    await runInUnit(unit, () => db.service('tests').execute(add('early')))
    await unit.close()
    expect(await allNotes(db, 'early')).toEqual(['early'])
  })

  test('another request meanwhile waits, and is told to come back when it takes too long', async () => {
    const db = connect({ poolSize: 1 })
    const [first, second, third] = [db.unit({ mode: 'request' }), db.unit({ mode: 'read' }), db.unit({ mode: 'read' })]
    const one = { text: 'select 1', values: [] }
    await first.run(alice, one)
    const start = performance.now()
    await expect(second.run(alice, one)).rejects.toMatchObject({ code: 'unavailable', headers: { 'retry-after': '1' } })
    expect(performance.now() - start).toBeGreaterThan(250)
    expect(performance.now() - start).toBeLessThan(900)
    const waiting = third.run(alice, one)
    await first.commit()
    expect((await waiting).rows).toEqual([['1']])
    await Promise.all([first.close(), second.close(), third.close()])
  })

  test('Drizzle reads its own types through it', async () => {
    const db = connect()
    await db.asOwner((owner) =>
      owner.script(`create table if not exists kinds (big bigint, money numeric(19,4), at timestamptz(3), doc jsonb, list int[], raw bytea);
        grant select, insert on kinds to service_role`),
    )
    const bytea = customType<{ data: Buffer }>({ dataType: () => 'bytea' })
    const kinds = pgTable('kinds', {
      big: bigint({ mode: 'bigint' }),
      money: numeric({ precision: 19, scale: 4 }),
      at: timestamp({ withTimezone: true, precision: 3 }),
      doc: jsonb(),
      list: customType<{ data: number[] }>({ dataType: () => 'int[]' })(),
      raw: bytea(),
    })
    const row = {
      big: 9_007_199_254_740_993n,
      money: '12.3400',
      at: new Date('2026-01-02T03:04:05.678Z'),
      doc: { a: [1, null] },
      list: [1, 2],
      raw: Buffer.from([0, 255]),
    }
    const unit = db.unit({ mode: 'statement' })
    const handle = drizzleOver({ kinds, notes }, unitRunner(unit, { role: 'service_role', claims: '{}', sub: '' }))
    expect(await handle.insert(kinds).values(row).returning()).toEqual([row])
    expect(await handle.query.kinds.findFirst()).toEqual(row)
    expect(await handle.select({ body: notes.body }).from(notes).limit(0)).toEqual([])
    const prepared = handle
      .select({ money: kinds.money })
      .from(kinds)
      .limit(sql.placeholder('limit'))
      .prepare('kinds-by-limit')
    expect(await prepared.execute({ limit: 1 })).toEqual([{ money: '12.3400' }])
    expect(await prepared.execute({ limit: 0 })).toEqual([])
    await unit.close()
  })

  test.runIf(kind === 'postgres')('an isolation level is asked for where the transaction begins', async () => {
    const level = await service().transaction(
      async (tx) => (await tx.execute<{ transaction_isolation: string }>(sql`show transaction_isolation`)).rows,
      { isolationLevel: 'serializable' },
    )
    expect(level).toEqual([{ transaction_isolation: 'serializable' }])
  })
})
