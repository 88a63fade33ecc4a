import type { Sql, TransactionSql } from 'postgres'

/** Where a statement runs: on the pool, or in a transaction. */
export type Db = Sql | TransactionSql

export interface PostInput {
  readonly authorId: string
  readonly title: string
  readonly body: string
}

/** Greater than any key: where a list without a cursor begins, so that there is one statement for both. */
export const NEWEST = '9223372036854775807'

/** The caller's posts with their author, newest first; one more than asked for tells whether there are more. */
export async function listPosts(db: Db, owner: string, limit: number, before: string): Promise<object> {
  const rows = await db`
    select p.id, p.author_id, p.title, p.body, p.created_at, p.updated_at, p.owner_id,
      a.name, a.created_at as author_created_at, a.updated_at as author_updated_at, a.owner_id as author_owner_id
    from posts p join authors a on a.id = p.author_id
    where p.owner_id = ${owner} and p.id < ${before}
    order by p.id desc limit ${limit + 1}`
  const data = rows.slice(0, limit).map((row) => ({
    id: row['id'],
    authorId: row['author_id'],
    title: row['title'],
    body: row['body'],
    createdAt: row['created_at'],
    updatedAt: row['updated_at'],
    ownerId: row['owner_id'],
    author: {
      id: row['author_id'],
      name: row['name'],
      createdAt: row['author_created_at'],
      updatedAt: row['author_updated_at'],
      ownerId: row['author_owner_id'],
    },
  }))
  return { data, next: rows.length > limit ? data.at(-1)!.id : null }
}

export async function readPost(db: Db, owner: string, id: string): Promise<object | undefined> {
  const rows = await db`select id, author_id as "authorId", title, body,
      created_at as "createdAt", updated_at as "updatedAt", owner_id as "ownerId"
    from posts where id = ${id} and owner_id = ${owner}`
  return rows[0]
}

export async function createPost(db: Db, owner: string, { authorId, title, body }: PostInput): Promise<object> {
  const rows = await db`
    insert into posts (author_id, title, body, owner_id) values (${authorId}, ${title}, ${body}, ${owner})
    returning id, author_id as "authorId", title, body,
      created_at as "createdAt", updated_at as "updatedAt", owner_id as "ownerId"`
  return rows[0]!
}

export async function updatePost(
  db: Db,
  owner: string,
  id: string,
  { authorId, title, body }: Partial<PostInput>,
): Promise<object | undefined> {
  const rows = await db`
    update posts set author_id = coalesce(${authorId ?? null}, author_id), title = coalesce(${title ?? null}, title),
      body = coalesce(${body ?? null}, body), updated_at = now()
    where id = ${id} and owner_id = ${owner}
    returning id, author_id as "authorId", title, body,
      created_at as "createdAt", updated_at as "updatedAt", owner_id as "ownerId"`
  return rows[0]
}
