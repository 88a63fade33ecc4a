import { PGlite } from '@electric-sql/pglite'
import { Client } from 'pg'
import type { Contents } from './ledger.js'

type Ask = (sql: string, values: unknown[]) => Promise<readonly Readonly<Record<string, unknown>>[]>

/** Rows at a time: a million of them do not fit into one answer. */
const AT_ONCE = 50_000

/** What PostgreSQL's tables hold, read by the superuser past everything that is under test. */
export async function contentsOfServer(adminUrl: string): Promise<Contents> {
  const client = new Client({ connectionString: adminUrl })
  await client.connect()
  try {
    return await read(async (sql, values) => (await client.query<Record<string, unknown>>(sql, values)).rows)
  } finally {
    await client.end()
  }
}

/** The same of an embedded database that nobody has open. */
export async function contentsOfDirectory(directory: string): Promise<Contents> {
  const postgres = await PGlite.create(directory)
  try {
    return await read(async (sql, values) => (await postgres.query<Record<string, unknown>>(sql, values)).rows)
  } finally {
    await postgres.close()
  }
}

async function read(ask: Ask): Promise<Contents> {
  const entries: { id: string; owner: string; note: string }[] = []
  for (let after = '0'; ;) {
    const rows = await ask(
      'select id::text, owner_id, note from entries where id > $1::bigint order by entries.id limit $2::int',
      [after, AT_ONCE],
    )
    for (const { id, owner_id, note } of rows)
      entries.push({ id: String(id), owner: String(owner_id), note: String(note) })
    if (rows.length < AT_ONCE) break
    after = entries.at(-1)!.id
  }
  const counters = await ask('select owner_id, sum(count)::int as count from counters group by owner_id', [])
  return { entries, counters: Object.fromEntries(counters.map(({ owner_id, count }) => [owner_id, Number(count)])) }
}
