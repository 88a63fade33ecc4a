import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { onEachPlace } from '../../../../test/support/drivers.js'
import { type Process, workplace } from '../../test/working.js'
import type { Event } from '../events.js'
import type { Job } from '../job-type.js'
import type { RunningWorker } from '../workers/worker.js'

type Kind = Event['type']

/** A provider that signs nothing. */
const SIGNER = {
  provider: 'a test',
  keeps: [],
  signsId: true,
  signsTime: true,
  patienceMs: 10_000,
  resendsForMs: 1_000,
}

const told = ({ events }: Process, type: Kind) => events.filter((event) => event.type === type)
async function comes(process: Process, type: Kind, times = 1): Promise<void> {
  await expect.poll(() => told(process, type).length, { timeout: 60_000, interval: 20 }).toBe(times)
}

/** Writes one note each time it runs, then does as `then` says. */
const noting = (
  { backend }: Process,
  name: string,
  then: (attempt: number) => unknown = () => {},
  slots: object = {},
) =>
  backend.job(
    { name, input: z.object({ body: z.string() }), backoffSeconds: 1, ...slots },
    async ({ input, db, principal, attempt }) => {
      if (principal === null) await db.notes.create({ body: input.body, ownerId: 'service' })
      else await db.notes.create({ body: input.body })
      await then(attempt)
    },
  )
const daily = ({ backend }: Process, seen: Date[] = []) =>
  backend.job({ name: 'daily', schedule: '0 3 * * *' }, async ({ db, principal, scheduledFor }) => {
    seen.push(scheduledFor)
    await db.notes.create({ body: `${principal}`, ownerId: 'service' })
  })

onEachPlace((place) => {
  const at = workplace(place)
  const running: RunningWorker[] = []
  afterEach(async () => {
    for (const worker of running.splice(0)) await worker.stop(1_000)
    await at.rows('delete from pgboss.job')
    await at.rows('delete from postern.job_schedules')
    await at.rows('delete from notes')
  })
  const due = (name: string, ago: string) =>
    at.rows(
      `update postern.job_schedules set next_at = date_trunc('minute', now()) - interval '${ago}' where name = '${name}'`,
    )
  const work = async ({ backend }: Process) => void running.push((await backend.workers.start())!)
  const bodies = async () => (await at.rows('select owner_id, body from notes order by id')).map((row) => row.join(':'))
  const states = async (name: string) =>
    (await at.rows(`select state from pgboss.job where name = '${name}' order by created_on`)).flat()

  describe('a job exists if and only if the data does', () => {
    test('it is there with the transaction that enqueued it, and not before', async () => {
      const process = at.process()
      const job = noting(process, 'with-data')
      let before: unknown
      await process.asAlice(async ({ db, defer }) => {
        await db.notes.create({ body: 'data' })
        await defer(job, { body: 'job' })
        await db.execute('select 1')
        // On the embedded database the owner's connection is the transaction's own, and would wait for it.
        before = place === 'embedded' ? [] : await states('with-data')
        expect(told(process, 'job.enqueued')).toEqual([])
      })
      expect([before, await states('with-data')]).toEqual([[], ['created']])
      expect(told(process, 'job.enqueued')).toMatchObject([{ job: 'with-data', principalId: 'alice' }])
    })

    test.each([['the first of its name'], ['one more of its name']])(
      '%s is gone with a transaction that fails',
      async () => {
        const process = at.process()
        const job = noting(process, 'without-data')
        const failing = process.asAlice(async ({ db }) => {
          await db.notes.create({ body: 'data' })
          await db.enqueue(job, { body: 'job' })
          throw new Error('changed my mind')
        })
        await expect(failing).rejects.toThrow('500')
        expect([await states('without-data'), await bodies(), told(process, 'job.enqueued')]).toEqual([[], [], []])
      },
    )

    test('a savepoint that is undone takes its job with it, and leaves the others', async () => {
      const process = at.process()
      const job = noting(process, 'saved')
      await process.asAlice(async ({ db }) => {
        await db.enqueue(job, { body: 'kept' })
        await db
          .transaction(async (inner) => {
            await inner.enqueue(job, { body: 'undone' })
            throw new Error('inner')
          })
          .catch(() => {})
      })
      expect(await at.rows("select data->'input'->>'body' from pgboss.job")).toEqual([['kept']])
      expect(told(process, 'job.enqueued')).toHaveLength(1)
    })

    test('one that nobody awaits is told, and nothing lasts', async () => {
      const process = at.process()
      const job = noting(process, 'forgotten')
      const failing = process.asAlice(async ({ db }) => void db.enqueue(job, { body: 'x' }))
      await expect(failing).rejects.toMatchObject({
        cause: {
          error: { message: expect.stringMatching(/db\.enqueue\(\) was created and neither awaited/) },
        },
      })
      expect(await states('forgotten')).toEqual([])
    })

    test('not before its time, which may be a moment or milliseconds', async () => {
      const process = at.process()
      const job = noting(process, 'later')
      await work(process)
      const soon = 1_500
      await process.asAlice(async ({ db }) => {
        await db.enqueue(job, { body: 'tomorrow' }, { startAfter: new Date(Date.now() + 86_400_000) })
        await db.enqueue(job, { body: 'soon' }, { startAfter: soon })
      })
      await pause(500)
      expect(told(process, 'job.done')).toEqual([])
      await comes(process, 'job.done')
      expect(await bodies()).toEqual(['alice:soon'])
    })
  })

  test('a webhook’s job is stored with what its event did, and not where that is undone', async () => {
    const process = at.process()
    const job = noting(process, 'of-webhook')
    let fails = true
    const id = randomUUID()
    const events = [{ id, type: 'paid', at: null, data: {}, payload: {} }]
    const handler = process.backend.webhook({
      name: 'provider',
      from: { ...SIGNER, verify: () => ({ kind: 'events', events }) },
      on: {
        paid: async ({ db }) => {
          await db.as({ id: 'dora' }).enqueue(job, { body: 'receipt' })
          if (fails) throw new Error('undone')
        },
      },
    })
    const deliver = () => handler(new Request('http://127.0.0.1/', { method: 'POST', body: '{}' }))
    await deliver()
    expect(await states('of-webhook')).toEqual([])
    fails = false
    await at.rows('update postern.webhook_inbox set next_attempt_at = now()')
    // By the worker this time.
    await work(process)
    await comes(process, 'job.done')
    expect(await bodies()).toEqual(['dora:receipt'])
  })

  describe('whose work it is', () => {
    test('a principal’s: roles and claims as they were, rows as the policies see them now', async () => {
      const process = at.process()
      await at.rows("insert into notes (owner_id, body) values ('bob', 'secret')")
      const seen: unknown[] = []
      const job = process.backend.job({ name: 'of-alice' }, async ({ db, principal }) => {
        const claims = await db.execute<{ c: unknown }>("select current_setting('request.jwt.claims')::json->>'team' c")
        seen.push(principal, claims.rows[0]?.c, (await db.notes.page()).data)
      })
      await work(process)
      await process.asAlice(async ({ db }) => void (await db.enqueue(job)), {
        roles: ['admin'],
        claims: { team: 'blue' },
      })
      await comes(process, 'job.done')
      expect(seen).toEqual([{ id: 'alice', roles: ['admin'], claims: { team: 'blue' } }, 'blue', []])
    })

    test('the service’s, where the service enqueues it; one for a principal, where the service narrows to one', async () => {
      const process = at.process()
      const job = noting(process, 'of-service')
      await work(process)
      await process.asAlice(async ({ db }) => {
        const service = db.asService('a test')
        await service.enqueue(job, { body: 'by the service' })
        await service.as({ id: 'carol' }).enqueue(job, { body: 'for carol' })
      })
      await comes(process, 'job.done', 2)
      expect((await bodies()).toSorted()).toEqual(['carol:for carol', 'service:by the service'])
    })

    test('a job that enqueues another passes on whose it is', async () => {
      const process = at.process()
      const second = noting(process, 'second')
      const first = process.backend.job(
        { name: 'first' },
        async ({ db }) => void (await db.enqueue(second, { body: 'second' })),
      )
      await work(process)
      await process.asAlice(async ({ db }) => void (await db.enqueue(first)))
      await comes(process, 'job.done', 2)
      expect(await bodies()).toEqual(['alice:second'])
    })

    test('nobody’s it can’t be: what anybody may ask for would be done past every owner’s rule', async () => {
      const process = at.process()
      const job = noting(process, 'of-nobody')
      const handler = process.backend.endpoint(
        { public: 'a test' },
        async ({ db }) => void (await db.enqueue(job, { body: 'x' })),
      )
      const answer = await handler(new Request('http://127.0.0.1/', { method: 'POST' }))
      expect([answer.status, await states('of-nobody')]).toEqual([500, []])
      expect(String(process.events.flatMap((event) => ('error' in event ? [event.error] : [])))).toContain(
        'Nobody is signed in',
      )
    })

    test('a GET enqueues nothing', async () => {
      const process = at.process()
      process.signIn('alice')
      const job = noting(process, 'by-get')
      for (const transaction of [undefined, 'snapshot', 'statement'] as const) {
        const slots = transaction === undefined ? {} : { transaction }
        const handler = process.backend.endpoint(slots, async ({ defer }) => void (await defer(job, { body: 'x' })))
        expect((await handler(new Request('http://127.0.0.1/'))).status).toBe(500)
      }
      expect(await states('by-get')).toEqual([])
      expect(String(process.events.flatMap((event) => ('error' in event ? [event.error] : [])))).toContain(
        'a GET and a snapshot only read',
      )
    })
  })

  describe('what comes in', () => {
    test('must pass its schema as JSON when it is enqueued', async () => {
      const process = at.process()
      const job = process.backend.job({ name: 'dated', input: z.object({ at: z.date() }) }, () => {})
      const failing = process.asAlice(async ({ db }) => void (await db.enqueue(job, { at: new Date() })))
      await expect(failing).rejects.toMatchObject({
        cause: {
          error: { message: expect.stringMatching(/input of job dated does not pass its schema as JSON: at: /) },
        },
      })
      expect(await states('dated')).toEqual([])
    })

    test('and again when it runs: a deploy has changed the schema, so the job is dead at once, and says why', async () => {
      const before = at.process()
      const job = before.backend.job({ name: 'changed', input: z.object({ to: z.string() }) }, () => {})
      await before.asAlice(async ({ db }) => void (await db.enqueue(job, { to: 'a secret' })))
      const after = at.process()
      let runs = 0
      after.backend.job({ name: 'changed', input: z.object({ email: z.string() }) }, () => void (runs += 1))
      await work(after)
      await comes(after, 'job.dead')
      expect([runs, await states('changed')]).toEqual([0, ['failed']])
      const [[output]] = (await at.rows('select output from pgboss.job')) as [[string]]
      expect(output).toMatch(/stored input of job changed does not pass its schema: email: /)
      expect(output).not.toContain('a secret')
    })

    test('is transformed once, when it runs', async () => {
      const process = at.process()
      const seen: unknown[] = []
      const input = z.object({ at: z.coerce.date(), n: z.string().transform((text) => text.length) })
      const job = process.backend.job({ name: 'transformed', input }, (context) => void seen.push(context.input))
      await work(process)
      await process.asAlice(async ({ db }) => void (await db.enqueue(job, { at: '2026-01-01T00:00:00Z', n: 'four' })))
      await comes(process, 'job.done')
      expect(seen).toEqual([{ at: new Date('2026-01-01T00:00:00Z'), n: 4 }])
    })
  })

  describe('an attempt', () => {
    test('that fails leaves nothing and is made again, under the same key', async () => {
      const process = at.process()
      const keys: string[] = []
      const job = process.backend.job(
        { name: 'flaky', backoffSeconds: 1 },
        async ({ db, attempt, idempotencyKey, principal }) => {
          keys.push(idempotencyKey)
          if (principal !== null) await db.notes.create({ body: `attempt ${attempt}` })
          if (attempt < 3) throw new Error(`no ${attempt}`)
        },
      )
      await work(process)
      await process.asAlice(async ({ db }) => void (await db.enqueue(job)))
      await comes(process, 'job.done')
      expect(await bodies()).toEqual(['alice:attempt 3'])
      expect(told(process, 'job.failed')).toMatchObject([{ attempt: 1 }, { attempt: 2 }])
      expect([keys.length, new Set(keys).size]).toEqual([3, 1])
    })

    test('is the last of as many as the job has: then it is dead, stays, and nobody does it', async () => {
      const process = at.process()
      const job = noting(process, 'doomed', () => Promise.reject(new Error('never')), { attempts: 2 })
      await work(process)
      await process.asAlice(async ({ db }) => void (await db.enqueue(job, { body: 'x' })))
      await comes(process, 'job.dead')
      expect([await states('doomed'), await bodies()]).toEqual([['failed'], []])
      expect(told(process, 'job.dead')).toMatchObject([{ job: 'doomed', attempt: 2, principalId: 'alice' }])
      expect(await at.rows("select output->>'message' from pgboss.job")).toEqual([['never']])
    })

    test('that takes too long is told so by its signal, given up, and leaves nothing', async () => {
      const process = at.process()
      let reason: unknown
      const job = process.backend.job(
        { name: 'slow', attempts: 1, timeoutMs: 300 },
        async ({ db, principal, signal }) => {
          if (principal !== null) await db.notes.create({ body: 'slow' })
          signal.addEventListener('abort', () => void (reason = signal.reason))
          await new Promise(() => {})
        },
      )
      await work(process)
      await process.asAlice(async ({ db }) => void (await db.enqueue(job)))
      await comes(process, 'job.dead')
      expect([String(reason), await bodies()]).toEqual(['Error: It took longer than 300 ms', []])
    })

    test('that never touches the database opens nothing while it waits for somebody else', async () => {
      const process = at.process()
      let answered: number | undefined
      const { endpoint, job: define } = process.backend
      const read = endpoint({ public: 'a test' }, async ({ db }) => (await db.notes.page()).data)
      const job = define({ name: 'outside' }, async () => {
        const began = performance.now()
        await read(new Request('http://127.0.0.1/'))
        answered = performance.now() - began
        await pause(50)
      })
      await work(process)
      await process.asAlice(async ({ db }) => void (await db.enqueue(job)))
      await comes(process, 'job.done')
      // With a connection held, on the embedded database, it would have waited for itself: 5 s here, and then 503.
      expect(answered).toBeLessThan(4_000)
    })

    test('of a process that is stopped ends in its time, or is undone and made again', async () => {
      const [first, second] = [at.process(), at.process()]
      let begun = 0
      const define = (process: Process) =>
        noting(process, 'stopped', () => {
          begun += 1
          return begun === 1 ? new Promise(() => {}) : undefined
        })
      const job = define(first)
      define(second)
      const worker = await first.backend.workers.start()
      await first.asAlice(async ({ db }) => void (await db.enqueue(job, { body: 'once' })))
      await expect.poll(() => begun).toBe(1)
      await worker!.stop(100)
      expect([await bodies(), told(first, 'job.failed').length]).toEqual([[], 1])
      await work(second)
      await comes(second, 'job.done')
      expect(await bodies()).toEqual(['alice:once'])
    })

    test('whose transaction PostgreSQL undid is no success, though its function thinks so', async () => {
      const process = at.process()
      const job = process.backend.job({ name: 'swallowed', attempts: 1 }, async ({ db, principal }) => {
        if (principal !== null) await db.notes.create({ body: 'undone' })
        await db.execute('select 1 / 0').catch(() => {})
      })
      await work(process)
      await process.asAlice(async ({ db }) => void (await db.enqueue(job)))
      await expect
        .poll(async () => ['completed', 'failed'].includes(String((await states('swallowed'))[0])), { timeout: 60_000 })
        .toBe(true)
      expect([await states('swallowed'), await bodies()]).toEqual([['failed'], []])
    })

    test('that forgets to await a write fails', async () => {
      const process = at.process()
      const job = process.backend.job({ name: 'careless', attempts: 1 }, ({ db, principal }) => {
        if (principal !== null) void db.notes.create({ body: 'x' })
      })
      await work(process)
      await process.asAlice(async ({ db }) => void (await db.enqueue(job)))
      await comes(process, 'job.dead')
      expect(await at.rows("select output->>'message' from pgboss.job")).toEqual([
        [expect.stringMatching(/neither awaited nor returned/)],
      ])
    })
  })

  describe('exactly once', () => {
    test('a job whose process is no more heard of is done by another', async () => {
      const process = at.process()
      const job = noting(process, 'lost')
      await process.asAlice(async ({ db }) => void (await db.enqueue(job, { body: 'found' })))
      await at.rows(
        `update pgboss.job set state = 'active', started_on = now(), output = '{"process":"${randomUUID()}"}' where name = 'lost'`,
      )
      await work(process)
      await comes(process, 'job.done')
      expect([await bodies(), told(process, 'job.done')]).toMatchObject([['alice:found'], [{ attempt: 2 }]])
    })

    test.skipIf(place === 'embedded')('a zombie’s effects are undone: another had it, and was first', async () => {
      const [zombie, other] = [at.process(), at.process()]
      let wake: (() => void) | undefined
      const job = noting(zombie, 'haunted', () => new Promise<void>((resolve) => (wake = resolve)))
      noting(other, 'haunted')
      await work(zombie)
      await zombie.asAlice(async ({ db }) => void (await db.enqueue(job, { body: 'effect' })))
      await expect.poll(() => wake).toBeDefined()
      // It is not heard of any more, for a reason that it does not know of.
      await at.rows('delete from postern.workers')
      await work(other)
      await comes(other, 'job.done')
      wake?.()
      await expect
        .poll(async () => (await at.rows("select count(*) from pg_stat_activity where state like 'idle in%'"))[0])
        .toEqual(['0'])
      await pause(200)
      expect(await bodies()).toEqual(['alice:effect'])
      expect([told(zombie, 'job.done'), told(zombie, 'job.failed')]).toEqual([[], []])
      expect(await states('haunted')).toEqual(['completed'])
    })

    test('of many jobs and several processes, each once', async () => {
      const processes = [at.process(), at.process(), at.process()]
      const jobs = processes.map((process) =>
        noting(process, 'many', (attempt) =>
          attempt < 2 && Math.random() < 0.1 ? Promise.reject(new Error('unlucky')) : undefined,
        ),
      )
      const all = Array.from({ length: 30 }, (_, n) => `job ${n}`)
      await processes[0]!.asAlice(async ({ db }) => {
        for (const body of all) await db.enqueue(jobs[0]!, { body })
      })
      for (const process of processes) await work(process)
      await expect.poll(async () => new Set(await states('many')), { timeout: 60_000 }).toEqual(new Set(['completed']))
      expect((await bodies()).toSorted()).toEqual(all.map((body) => `alice:${body}`).toSorted())
    })
  })

  describe('a schedule', () => {
    test('runs once for each tick, however many processes look', async () => {
      const processes = [at.process(), at.process(), at.process(), at.process()]
      const seen: Date[] = []
      for (const process of processes) daily(process, seen)
      await work(processes[0]!)
      await running.pop()!.stop(1_000)
      await due('daily', '1 minute')
      await Promise.all(processes.map(work))
      await expect.poll(() => states('daily'), { timeout: 60_000 }).toEqual(['completed'])
      await pause(500)
      expect([await states('daily'), await bodies(), seen.length]).toEqual([['completed'], ['service:null'], 1])
      const [[next]] = (await at.rows(
        "select next_at > now() and next_at <= now() + interval '1 day' from postern.job_schedules",
      )) as [[string]]
      expect(next).toBe('t')
    })

    test('of whose ticks nobody was there runs once, for the first of them, and goes on from now', async () => {
      const process = at.process()
      const seen: Date[] = []
      daily(process, seen)
      await work(process)
      await running.pop()!.stop(1_000)
      await due('daily', '3 days')
      await work(process)
      await comes(process, 'job.done')
      await pause(300)
      expect(seen).toHaveLength(1)
      expect(Date.now() - seen[0]!.getTime()).toBeGreaterThan(2 * 86_400_000)
    })

    test('begins anew where it changes, ends where it is taken away, and is nobody else’s to enqueue', async () => {
      const first = at.process()
      const job: Job<undefined> = daily(first)
      await work(first)
      const [before] = await at.rows('select cron, next_at from postern.job_schedules')
      const second = at.process()
      second.backend.job({ name: 'daily', schedule: { cron: '30 4 * * *', timeZone: 'Europe/Zurich' } }, () => {})
      await work(second)
      const [after] = await at.rows('select cron, next_at from postern.job_schedules')
      expect([before![0], after![0]]).toEqual(['0 3 * * *', '30 4 * * *'])
      expect(after![1]).not.toBe(before![1])
      await expect(first.asAlice(async ({ db }) => void (await db.enqueue(job)))).rejects.toMatchObject({
        cause: { error: { message: expect.stringContaining("daily has a schedule, so it is the service's") } },
      })
      const third = at.process()
      third.backend.job({ name: 'daily' }, () => {})
      await work(third)
      expect(await at.rows('select name from postern.job_schedules')).toEqual([])
    })
  })

  test('jobs that a deploy took away stay, are named, and are done by code that knows them', async () => {
    const before = at.process()
    const job = noting(before, 'removed')
    await before.asAlice(async ({ db }) => void (await db.enqueue(job, { body: 'kept' })))
    const after = at.process()
    noting(after, 'other')
    await work(after)
    expect(told(after, 'job.unknown')).toEqual([{ type: 'job.unknown', job: 'removed', waiting: 1 }])
    await pause(300)
    expect(await states('removed')).toEqual(['created'])
    const again = at.process()
    noting(again, 'removed')
    await work(again)
    await comes(again, 'job.done')
    expect(await bodies()).toEqual(['alice:kept'])
  })
})
