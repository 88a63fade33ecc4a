import { Client } from 'pg'
import { schemaSql } from '../packages/postern/test/schema-sql.js'
import * as auth from '../examples/invoices/schema/auth.ts'
import { postgresCpu } from './postgres-cpu.js'
import { type MadeDatabase, makeDatabase, PLAIN } from './make-database.js'
import { authors, posts } from './schema.js'
import { CALLERS, POSTS, sessionToken, userId, USERS } from './world.js'

/** The database that all servers share, filled, and how it is reached. */
export interface Data extends Pick<MadeDatabase, 'guardedUrl' | 'plainUrl'> {
  /** Takes away what a run has created, and what its updates have left behind. */
  reset(): Promise<void>
  /** What PostgreSQL's processes have computed so far, where the system tells. */
  cpu(): Promise<number | null>
  close(): Promise<void>
}

/** Makes the database on a server that is fresh. */
export async function prepareData(adminUrl: string): Promise<Data> {
  const { admin, ownerUrl, ...urls } = await makeDatabase(adminUrl)
  const owner = new Client({ connectionString: ownerUrl })
  await owner.connect()
  await owner.query(await schemaSql({ authors, posts, ...auth }))
  await owner.end()
  await admin.query(ROWS)
  await admin.query(SESSIONS, [CALLERS.map(userId), CALLERS.map(sessionToken)])
  const { rows } = await admin.query<{ pid: number }>('select pg_backend_pid() as pid')
  return {
    ...urls,
    async reset() {
      await admin.query(`delete from posts where id > ${POSTS}`)
      await admin.query('vacuum (analyze) posts')
    },
    cpu: () => postgresCpu(rows[0]!.pid),
    close: () => admin.end(),
  }
}

// Autovacuum would clean up after one server while the next is measured: `reset` does it between them.
const ROWS = `
  grant usage on schema public to ${PLAIN};
  grant select, insert, update on authors, posts to ${PLAIN};
  insert into authors (name, owner_id)
    select 'Author ' || n, 'user-' || n from generate_series(1, ${USERS}) n;
  insert into posts (author_id, owner_id, title, body)
    select n, 'user-' || n, 'Post ' || post, repeat('Words of post ' || post || '. ', 10)
    from generate_series(1, ${POSTS}) post, lateral (select 1 + (post - 1) % ${USERS}) as owner (n)
    order by post;
  alter table posts set (autovacuum_enabled = off);
  analyze authors; analyze posts;`

// better-auth's users and their sessions; nobody signs in while servers are measured.
const SESSIONS = `
  with caller as (select * from unnest($1::text[], $2::text[]) as caller (id, token)), made as (
    insert into "user" (id, name, email, email_verified) select id, id, id || '@example.com', true from caller)
  insert into session (id, token, user_id, expires_at) select id, token, id, now() + interval '1 day' from caller`
