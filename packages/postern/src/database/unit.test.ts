import { expect, test } from 'vitest'
import { alice, allNotes, bob, onEachDriver, once } from '../../../../test/support/drivers.js'
import { SERVICE } from './identity.js'
import type { Statement } from './statement.js'

const add = (body: string): Statement => ({ text: 'insert into notes (body) values ($1)', values: [body] })
const bodies: Statement = { text: 'select body from notes order by body', values: [] }
const oneByZero: Statement = { text: 'select 1 / $1::int', values: [0] }
const settled = () => new Promise((resolve) => setTimeout(resolve, 20))

onEachDriver(({ place, kind, connect, superuser }) => {
  test('a read sees its own rows and cannot write', async () => {
    const db = connect()
    await once(db, alice, 'insert into notes (body) values ($1)', ['read-alice'])
    await once(db, bob, 'insert into notes (body) values ($1)', ['read-bob'])
    const unit = db.unit({ mode: 'read' })
    const [first, second] = await Promise.all([unit.run(alice, bodies), unit.run(bob, bodies)])
    expect(first.rows.flat()).toContain('read-alice')
    expect(first.rows.flat()).not.toContain('read-bob')
    expect(second.rows.flat()).toContain('read-bob')
    await expect(unit.run(alice, add('read-write'))).rejects.toMatchObject({ code: '25006' })
    await expect(
      unit.run(alice, { text: "select set_config('transaction_read_only', 'off', true)", values: [] }),
    ).rejects.toMatchObject({
      code: '25001',
    })
    await unit.close()
    expect(await allNotes(db, 'read-write')).toEqual([])
  })

  test('a request is one transaction: nothing of it is seen before commit, all of it after', async () => {
    const db = connect()
    const unit = db.unit({ mode: 'request' })
    expect(unit.isOpen).toBe(false)
    await unit.run(alice, add('request-1'))
    await unit.runAll(bob, [add('request-2'), add('request-3')])
    expect(unit.isOpen).toBe(true)
    await unit.commit()
    await expect(unit.run(alice, add('request-4'))).rejects.toThrow(/after its request/)
    await unit.close()
    expect(await allNotes(db, 'request-%')).toEqual(['request-1', 'request-2', 'request-3'])
  })

  test('closing without commit rolls back, gives the connection back, and refuses what comes later', async () => {
    const db = connect({ poolSize: 1 })
    const unit = db.unit({ mode: 'request' })
    await unit.run(alice, add('closed'))
    await unit.close()
    await unit.close()
    await expect(unit.run(alice, add('closed'))).rejects.toThrow(/after its request/)
    expect(await allNotes(db, 'closed')).toEqual([])
  })

  test('a commit after the unit was closed from outside does not pretend that anything was saved', async () => {
    const db = connect({ poolSize: 1, poolWaitMs: 2_000 })
    const closed = db.unit({ mode: 'request' })
    await closed.run(alice, add('lost'))
    await closed.close()
    await expect(closed.commit()).rejects.toThrow(/after its request/)
    const controller = new AbortController()
    const aborted = db.unit({ mode: 'request', signal: controller.signal })
    controller.signal.addEventListener('abort', () => void aborted.close())
    await aborted.run(alice, add('lost'))
    controller.abort(new Error('the client has gone'))
    await expect(aborted.commit()).rejects.toThrow('the client has gone')
    await aborted.close()
    expect(await allNotes(db, 'lost')).toEqual([])
  })

  test('what goes with COMMIT lasts with the rest, as whoever it is said for', async () => {
    const db = connect({ poolSize: 1, poolWaitMs: 2_000 })
    const unit = db.unit({ mode: 'request' })
    await unit.run(alice, add('last-1'))
    await unit.commit({ identity: bob, statements: [add('last-2')] })
    await unit.close()
    expect(await allNotes(db, 'last-%')).toEqual(['last-1', 'last-2'])
    const fresh = db.unit({ mode: 'request' })
    await fresh.commit({ identity: alice, statements: [add('last-3')] })
    await fresh.close()
    expect(await allNotes(db, 'last-%')).toEqual(['last-1', 'last-2', 'last-3'])
  })

  test('what goes with COMMIT and fails takes the rest along, and the connection is as good as before', async () => {
    const db = connect({ poolSize: 1, poolWaitMs: 2_000 })
    const unit = db.unit({ mode: 'request' })
    const pid: Statement = { text: 'select pg_backend_pid()', values: [] }
    const before = (await unit.runAll(alice, [add('taken-1'), pid]))[1]!.rows
    await expect(unit.commit({ identity: alice, statements: [oneByZero] })).rejects.toMatchObject({ code: '22012' })
    await unit.close()
    expect(await allNotes(db, 'taken-%')).toEqual([])
    const after = (await once(db, alice, pid.text)).rows
    // A pooler gives out another session anyway.
    expect(place === 'pgbouncer' ? before : after).toEqual(before)
  })

  test('nothing goes with COMMIT when an earlier statement had failed and its error was caught', async () => {
    const db = connect({ poolSize: 1, poolWaitMs: 2_000 })
    const unit = db.unit({ mode: 'request' })
    await unit.run(alice, add('caught-1'))
    await unit.run(alice, oneByZero).catch(() => undefined)
    await expect(unit.commit({ identity: alice, statements: [add('caught-2')] })).rejects.toThrow('Nothing was saved')
    await unit.close()
    expect(await allNotes(db, 'caught-%')).toEqual([])
  })

  test('what is made final before a transaction opens lasts, whatever becomes of the transaction', async () => {
    const db = connect()
    const unit = db.unit({ mode: 'request' })
    const { before, first } = await unit.openAfter(alice, [add('opened-before'), bodies], [bodies, add('opened-first')])
    expect([before.map(({ command }) => command), first.map(({ command }) => command)]).toEqual([
      ['INSERT', 'SELECT'],
      ['SELECT', 'INSERT'],
    ])
    expect(first[0]!.rows.flat()).toContain('opened-before')
    await unit.run(alice, add('opened-later'))
    await expect(unit.openAfter(alice, [], [])).rejects.toThrow(/has not begun/)
    await unit.close()
    expect(await allNotes(db, 'opened-%')).toEqual(['opened-before'])
    const kept = db.unit({ mode: 'request' })
    await kept.openAfter(alice, [add('kept-before')], [add('kept-first')])
    await kept.commit()
    await kept.close()
    expect(await allNotes(db, 'kept-%')).toEqual(['kept-before', 'kept-first'])
  })

  test('and where one of the two fails, the first may be final, the second never, and the connection is as good as before', async () => {
    const db = connect()
    for (const [name, before, first] of [
      ['half-1', [oneByZero], []],
      ['half-2', [], [oneByZero]],
    ] as const) {
      const unit = db.unit({ mode: 'request' })
      const opened = unit.openAfter(alice, [add(`${name}-before`), ...before], [add(`${name}-first`), ...first])
      await expect(opened).rejects.toMatchObject({ code: '22012' })
      await unit.close()
    }
    expect(await allNotes(db, 'half-%')).toEqual(['half-2-before'])
  })

  test.skipIf(place === 'embedded')(
    'and where PostgreSQL ends the connection behind the first, nobody is told that nothing was done',
    async () => {
      const db = connect()
      const unit = db.unit({ mode: 'request' })
      const long: Statement = { text: "select pg_sleep(9), 'goodbye'", values: [] }
      const opened = unit.openAfter(alice, [add('goodbye-before')], [long]).catch((error: unknown) => error)
      const end = () =>
        superuser(
          `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and query = $$${long.text}$$`,
        )
      await expect.poll(async () => (await end()).length, { timeout: 8_000 }).toBe(1)
      expect(await opened).toMatchObject({ code: 'outcome-unknown' })
      await unit.close()
      expect(await allNotes(db, 'goodbye-%')).toEqual(['goodbye-before'])
    },
  )

  test('closing while a statement runs undoes it', async () => {
    const db = connect({ poolSize: 1 })
    const unit = db.unit({ mode: 'request' })
    await unit.run(alice, add('running'))
    const late = unit.run(alice, { text: 'select pg_sleep(0.2)', values: [] }).catch((error: unknown) => error)
    await settled()
    await unit.close()
    expect(await late).toBeDefined()
    expect(await allNotes(db, 'running')).toEqual([])
  })

  test('a transaction in which an error was caught says that nothing was saved', async () => {
    const db = connect()
    const unit = db.unit({ mode: 'request' })
    await unit.run(alice, add('caught'))
    await unit.run(alice, oneByZero).catch(() => {})
    await expect(unit.commit()).rejects.toThrow(/Nothing was saved/)
    await unit.close()
    expect(await allNotes(db, 'caught')).toEqual([])
  })

  test('a first statement that was never sent does not leave the next one without a transaction', async () => {
    const db = connect()
    const unit = db.unit({ mode: 'request' })
    const circular: Record<string, unknown> = {}
    circular['itself'] = circular
    await expect(unit.run(alice, { text: 'select $1::jsonb', values: [circular] })).rejects.toThrow(/circular/)
    await unit.run(alice, add('unsent'))
    await unit.close()
    expect(await allNotes(db, 'unsent')).toEqual([])
  })

  test('in mode statement each stands for itself', async () => {
    const db = connect()
    const unit = db.unit({ mode: 'statement' })
    await unit.run(alice, add('statement-1'))
    await expect(unit.runAll(alice, [add('statement-2'), oneByZero])).rejects.toMatchObject({ code: '22012' })
    await unit.close()
    expect(await allNotes(db, 'statement-%')).toEqual(['statement-1'])
  })

  test('transaction() works in every mode that may write, and refuses to nest an isolation level', async () => {
    const db = connect()
    for (const mode of ['statement', 'request'] as const) {
      const unit = db.unit({ mode })
      const work = unit.transaction(async (inner) => {
        await inner.run(alice, add(`undone-${mode}`))
        throw new Error('changed my mind')
      })
      await expect(work).rejects.toThrow('changed my mind')
      await unit.transaction((inner) => inner.run(alice, add(`done-${mode}`)))
      await unit.commit()
      await unit.close()
    }
    const unit = db.unit({ mode: 'request' })
    await expect(unit.transaction(async () => {}, { isolation: 'serializable' })).rejects.toThrow(/isolation/)
    await unit.close()
    expect(await allNotes(db, '%done-%')).toEqual(['done-request', 'done-statement'])
  })

  test('savepoints side by side wait for one another; nested ones go ahead', async () => {
    const db = connect()
    const unit = db.unit({ mode: 'request' })
    await Promise.all([
      unit.savepoint(async () => {
        await unit.run(alice, add('side-1'))
        await settled()
        await unit.savepoint(() => unit.run(alice, add('side-1-inner')))
        await expect(unit.savepoint(() => unit.run(alice, oneByZero))).rejects.toMatchObject({ code: '22012' })
      }),
      expect(
        unit.savepoint(async () => {
          await unit.run(alice, add('side-2'))
          throw new Error('not this one')
        }),
      ).rejects.toThrow('not this one'),
    ])
    await unit.commit()
    await unit.close()
    expect(await allNotes(db, 'side-%')).toEqual(['side-1', 'side-1-inner'])
  })

  test.skipIf(kind === 'embedded')(
    'a snapshot sees one moment (the embedded database has one connection: nobody writes meanwhile)',
    async () => {
      const db = connect()
      const unit = db.unit({ mode: 'snapshot' })
      const before = await unit.run(SERVICE, bodies)
      await once(db, alice, 'insert into notes (body) values ($1)', ['snapshot'])
      expect((await unit.run(SERVICE, bodies)).rows).toEqual(before.rows)
      await expect(unit.run(SERVICE, add('snapshot-write'))).rejects.toMatchObject({ code: '25006' })
      await unit.close()
      expect(await allNotes(db, 'snapshot%')).toEqual(['snapshot'])
    },
  )

  test.skipIf(kind === 'embedded')(
    'a statement that takes too long is stopped (WebAssembly has no timers)',
    async () => {
      const unit = connect({ statementTimeoutMs: 50 }).unit({ mode: 'read' })
      await expect(unit.run(alice, { text: 'select pg_sleep(5)', values: [] })).rejects.toMatchObject({ code: '57014' })
      await unit.close()
    },
  )

  test('an abort is heard at once, undoes the transaction, and refuses what comes later', async () => {
    const db = connect({ poolSize: 1, poolWaitMs: 2_000 })
    const controller = new AbortController()
    const unit = db.unit({ mode: 'request', signal: controller.signal })
    await unit.run(alice, add('aborted'))
    const slept = unit.run(alice, { text: 'select pg_sleep(0.4)', values: [] })
    // A statement of the embedded database holds the whole process, so there the signal must come before the timers do.
    for (let tick = 0; tick < 4; tick += 1) await Promise.resolve()
    controller.abort(new Error('the client has gone'))
    await expect(slept).rejects.toThrow('the client has gone')
    await expect(unit.run(alice, add('aborted'))).rejects.toThrow('the client has gone')
    await expect(unit.commit()).rejects.toThrow('the client has gone')
    await unit.close()
    expect(await allNotes(db, 'aborted')).toEqual([])
  })

  test.skipIf(kind === 'embedded').each(['read', 'request'] as const)(
    'an abort stops the statement in PostgreSQL too (%s)',
    async (mode) => {
      const controller = new AbortController()
      const unit = connect().unit({ mode, signal: controller.signal })
      const slept = unit.run(alice, { text: `select pg_sleep(60), 'stopped in ${mode}'`, values: [] })
      const heard = slept.catch((error: unknown) => error)
      // The superuser looks: to others PostgreSQL does not show what is running.
      const running = async () =>
        (
          await superuser(
            `select pid from pg_stat_activity where state = 'active' and query like '%''stopped in ${mode}%' and pid <> pg_backend_pid()`,
          )
        ).length
      await expect.poll(running).toBe(1)
      controller.abort(new Error('gone'))
      expect(await heard).toEqual(new Error('gone'))
      await expect.poll(running, { timeout: 3_000 }).toBe(0)
      await unit.close()
    },
  )
})
