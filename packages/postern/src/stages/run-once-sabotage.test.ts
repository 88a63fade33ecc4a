import { afterEach, expect, test, vi } from 'vitest'
import { CustomerInput, shop } from '../../test/shop.js'
import type { Statement } from '../database/statement.js'

let calls = 0
let gate: Promise<void> = Promise.resolve()

const it = shop(
  (endpoint) => ({
    '/api/customers': {
      POST: endpoint({ body: CustomerInput, idempotent: true }, async ({ db, body }) => {
        calls += 1
        await gate
        return db.customers.create(body)
      }),
    },
  }),
  { on: 'postgres' },
)
afterEach(() => vi.restoreAllMocks())

type Rewrite = (statement: Statement) => Statement

/** Breaks the build where its statements leave it. */
function sabotage(rewrite: Rewrite): void {
  const { database } = it.backend
  const make = database.unit.bind(database)
  vi.spyOn(database, 'unit').mockImplementation((options) => {
    const unit = make(options)
    const [runAll, commit] = [unit.runAll.bind(unit), unit.commit.bind(unit)]
    unit.runAll = (identity, statements) => runAll(identity, statements.map(rewrite))
    unit.commit = (last) => commit(last && { ...last, statements: last.statements.map(rewrite) })
    return unit
  })
}

const broken = (when: RegExp, text: string): Rewrite => {
  return (statement) => (when.test(statement.text) ? { text, values: statement.values } : statement)
}
const NO_LOCK = broken(/pg_try_advisory_xact_lock/, 'select $1::bigint is not null')
const NO_STORE = broken(
  /^insert into postern\.idempotent_replies/,
  'select $1::bytea, $2::text, $3::bytea, $4::int, $5::text, $6::bytea, $7::float8',
)

/** What is wrong when eight attempts come at once, and one after them. */
async function findings(name: string): Promise<string[]> {
  const before = calls
  const found: string[] = []
  let open!: () => void
  gate = new Promise((resolve) => (open = resolve))
  const post = () => it.app.as('alice').post('/api/customers', { name }, { headers: { 'idempotency-key': name } })
  const all = Array.from({ length: 8 }, post)
  setTimeout(open, 1_500)
  const statuses = (await Promise.all(all)).map(({ status }) => status)
  if (statuses.filter((status) => status === 201).length !== 1) found.push('several succeeded')
  if (calls - before !== 1) found.push('the function was called more than once at a time')
  const together = calls
  const late = await post()
  if (late.headers.get('idempotency-replayed') !== 'true') found.push('the late one was no replay')
  if (calls !== together) found.push('the late one was run')
  const rows = await it.app.asOwner(async (owner) => {
    const results = await owner.batch([
      { text: "select set_config('role', 'service_role', true)", values: [] },
      { text: 'select count(*) from customers where name = $1', values: [name] },
    ])
    return results[1]!.rows[0]![0]
  })
  if (rows !== '1') found.push('several rows')
  return found
}

test('as it is, nothing is found', async () => expect(await findings('sound')).toEqual([]))

test('without the lock the function is called by all of them, and the table’s key alone keeps it to one effect', async () => {
  sabotage(NO_LOCK)
  expect(await findings('no-lock')).toEqual(['the function was called more than once at a time'])
})

test('without the stored reply the late one runs again', async () => {
  sabotage(NO_STORE)
  expect(await findings('no-store')).toEqual(['the late one was no replay', 'the late one was run', 'several rows'])
})

test('without either there are as many effects as attempts', async () => {
  sabotage((statement) => NO_STORE(NO_LOCK(statement)))
  expect(await findings('neither')).toContain('several succeeded')
})
