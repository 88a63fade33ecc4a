import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { bank } from '../../test/bank.js'
import { pay } from '../../test/bank-schema.js'
import { delivery, hmacSigner } from '../../test/hmac-signer.js'
import { bind } from '../database/paved/prepared.js'
import type { Unit, UnitOptions } from '../database/unit.js'
import { asService, type InboxDatabase } from './as-service.js'
import { process } from './attempt.js'
import { claim, startAgain } from './claim.js'
import { type InboxRow, sha256 } from './inbox-row.js'
import { pruneOnce } from './prune.js'
import { replayDelivery } from './replay.js'
import { STATEMENTS } from './statements.js'
import { store as storeRows } from './store.js'

/** Held by a handler until a test lets it go. */
let gate: { readonly reached: () => void; readonly open: Promise<void> } | null = null

function closeGate(): { readonly reached: Promise<void>; readonly open: () => void } {
  let open: (() => void) | undefined
  const opened = new Promise<void>((resolve) => (open = resolve))
  const reached = new Promise<void>((resolve) => (gate = { reached: resolve, open: opened }))
  return { reached, open: () => open?.() }
}

const payment = (id: string) => ({ id, type: 'payment.made', data: { account: id, amount: 5 } })
const known = [{ endpoint: 'queued', eventType: 'payment.made', leaseMs: 60_000 }]

const rowOf = (key: string): InboxRow => ({
  endpoint: 'queued',
  dedupeKey: `id:${key}`,
  eventType: 'payment.made',
  eventAt: null,
  orderingKey: null,
  blocksKey: false,
  event: '{}',
  body: null,
  bodySha256: sha256(Buffer.from(key)),
  guardsBody: false,
  headers: '{}',
  status: 'received',
  maxAttempts: 3,
  error: null,
  keepMs: null,
})

/** What holds an effect to one, each property by itself and as quick as it goes: most are what a sabotage breaks. */
describe('exactly once', () => {
  const it = bank(
    ({ webhook }) => {
      const on = {
        'payment.made': async (context: Parameters<typeof pay>[0]) => {
          await pay(context)
          gate?.reached()
          await gate?.open
        },
      }
      return {
        '/pay': webhook({ name: 'acme', from: hmacSigner(), on }),
        '/timeless': webhook({ name: 'timeless', from: hmacSigner({ signsTime: false }), on }),
        '/queued': webhook({ name: 'queued', mode: 'queued', from: hmacSigner(), on }),
      }
    },
    { on: 'postgres' },
  )
  const database = () => it.backend.database as unknown as InboxDatabase
  const send = (path: string, body: object | Uint8Array) => it.app.fetch(delivery(path, body))
  const idOf = async (key: string) =>
    (await it.sql(`select id from postern.webhook_inbox where dedupe_key = 'id:${key}'`))[0]![0]!
  const store = async (...keys: string[]) => {
    await it.sql("update postern.webhook_inbox set status = 'ignored' where status = 'received'")
    for (const key of keys) await send('/queued', payment(key))
  }

  test('the mark and the effect have one transaction', async () => {
    await send('/pay', payment('one'))
    const written = await it.sql(
      `select e.xmin = w.xmin from entries e join postern.webhook_inbox w on w.dedupe_key = 'id:' || e.event where e.event = 'one'`,
    )
    expect(written).toEqual([['t']])
  })

  test('a copy that comes while the handler runs has its answer before that ends', async () => {
    const { reached, open } = closeGate()
    const first = send('/pay', payment('running'))
    await reached
    const copy = send('/pay', payment('running')).then(({ status }) => status)
    const answered = await Promise.race([copy, pause(3_000, 'it waited')])
    open()
    gate = null
    // Nobody but the provider would take it up: no worker runs here.
    expect([answered, (await first).status, await it.effects('running')]).toEqual([503, 200, 1])
  })

  test('what could not be stored is not acknowledged', async () => {
    await it.app.asOwner((owner) => owner.script('alter table postern.webhook_inbox rename to hidden'))
    const { status } = await send('/queued', payment('lost'))
    await it.app.asOwner((owner) => owner.script('alter table postern.hidden rename to webhook_inbox'))
    expect([status, await it.inbox('queued')]).toEqual([500, []])
  })

  test('a body is verified and kept as the bytes that it came as', async () => {
    const bytes = Uint8Array.of(0xef, 0xbb, 0xbf, 0x7b, 0xff, 0x00, 0x0d, 0x0a, 0x7d)
    expect((await send('/pay', bytes)).status).toBe(200)
    const [kept] = await it.sql(`select encode(body, 'hex') from postern.webhook_inbox order by seq desc limit 1`)
    expect(kept).toEqual([Buffer.from(bytes).toString('hex')])
  })

  test('an attempt that a worker takes is counted before its handler is called', async () => {
    await store('counted')
    const [taken] = await claim(database(), known, 1)
    expect(taken).toMatchObject({ attempt: 1 })
    expect((await it.inbox('queued')).at(-1)).toMatchObject({ key: 'id:counted', attempts: 1 })
  })

  test('what is due for longest is taken first', async () => {
    await store('newest', 'middle', 'oldest')
    for (const [index, key] of ['newest', 'middle', 'oldest'].entries())
      await it.sql(
        `update postern.webhook_inbox set next_attempt_at = now() - interval '${index + 1} hours' where dedupe_key = 'id:${key}'`,
      )
    const taken: (string | undefined)[] = []
    for (let index = 0; index < 3; index += 1) taken.push((await claim(database(), known, 1))[0]?.id)
    expect(taken).toEqual([await idOf('oldest'), await idOf('middle'), await idOf('newest')])
  })

  test('a copy of what a worker has taken begins no attempt', async () => {
    await store('taken')
    expect(await claim(database(), known, 1)).toHaveLength(1)
    expect(await startAgain(database(), await idOf('taken'), 60_000)).toBe(null)
  })

  test('what succeeds between the look and the replay is not replayed', async () => {
    await send('/pay', payment('late'))
    const id = await idOf('late')
    expect(await replayDelivery(database(), id)).toEqual({ id, replayed: false, why: 'succeeded' })
    const [again] = await asService(database(), [bind(STATEMENTS.replay, [[id], 0])])
    expect(again!.rows).toEqual([])
  })

  test('a prune waits for no handler, nor for one of what was made of an event by force', async () => {
    await send('/pay', payment('origin'))
    const origin = await idOf('origin')
    const forced = await replayDelivery(database(), origin, { force: { reason: 'the ledger was restored' } })
    if (!forced.replayed) throw new Error(forced.why)
    await it.sql(
      `update postern.webhook_inbox set event = null, body = null, keep_until = now() - interval '1 day' where id = '${origin}'`,
    )
    const { reached, open } = closeGate()
    const replay = { id: forced.as, attempt: 1, endpoint: 'acme', eventType: 'payment.made', orderingKey: null }
    const work = async () => {
      gate?.reached()
      await gate?.open
    }
    const running = process(database(), replay, { run: work, timeMs: 60_000, strict: true })
    await reached
    const pruned = await Promise.race([pruneOnce(database()), pause(3_000, 'it waited')])
    open()
    gate = null
    expect([pruned, await running]).toEqual([{ bodies: 0, rows: 0 }, { kind: 'succeeded' }])
    await it.sql(`delete from postern.webhook_inbox where id = '${forced.as}'`)
    expect(await pruneOnce(database())).toEqual({ bodies: 0, rows: 1 })
  })

  test('a copy of what is forgotten in this very moment is an event of its own', async () => {
    await store('forgotten')
    const row = rowOf('forgotten')
    let units = 0
    const forgetful = {
      unit(options: UnitOptions) {
        const unit = it.backend.database.unit(options)
        const runAll: Unit['runAll'] = async (...said) => {
          units += 1
          if (units === 2) await it.sql("delete from postern.webhook_inbox where dedupe_key = 'id:forgotten'")
          return unit.runAll(...said)
        }
        return { runAll, close: () => unit.close() }
      },
    } as unknown as InboxDatabase
    const stored = await storeRows(forgetful, [row], { begins: false, leaseMs: 1 })
    expect([stored.rows, units]).toEqual([[expect.objectContaining({ kind: 'fresh', status: 'received' })], 3])
  })

  test('where no time is signed, what was seen is kept for good', async () => {
    await send('/timeless', payment('timeless'))
    await send('/pay', payment('timed'))
    expect(
      await it.sql(
        `select dedupe_key, keep_until is null from postern.webhook_inbox where dedupe_key in ('id:timeless', 'id:timed') order by seq`,
      ),
    ).toEqual([
      ['id:timeless', 't'],
      ['id:timed', 'f'],
    ])
  })
})
