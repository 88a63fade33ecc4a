import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { databaseOf, type SchemaDatabase, sqlOf } from '../../test/schema-sql.js'
import { type Described, id, references, table, text, user } from './index.js'

const note = () => text().notNull()
const own = table('own', { id: id(), note: note() }, { owner: user() })
const members = table('members', { id: id(), note: note() }, { owner: user({ read: 'signed-in', column: 'authorId' }) })
const posts = table('posts', { id: id(), note: note() }, { owner: user({ read: 'anyone' }) })
const open = table('open', { id: id(), note: note() }, { unowned: { reason: 'a price list', read: 'anyone' } })
const inside = table('inside', { id: id(), note: note() }, { unowned: { reason: 'house rules', read: 'signed-in' } })
const hidden = table('hidden', { id: id(), note: note() }, { unowned: { reason: 'the queue', read: 'service' } })

/** A reply points at a comment of anybody; a tag at a row of one's own, which may go without it. */
const comments = table(
  'comments',
  { id: id(), note: note(), parentId: references((): Described => comments, { optional: true, to: 'readable' }) },
  { owner: user({ read: 'anyone' }) },
)
const drafts = table(
  'drafts',
  { id: id(), parentId: references(own, { to: 'readable', optional: true }) },
  { owner: user() },
)
const tags = table(
  'tags',
  { id: id(), ownId: references(own, { optional: true, onDelete: 'set null' }) },
  { owner: user() },
)

describe('the policies of each owner rule, as PostgreSQL keeps them', () => {
  let db: SchemaDatabase
  const schema = { own, members, posts, open, inside, hidden, comments, drafts, tags }
  beforeAll(async () => {
    db = await databaseOf(schema)
    for (const name of ['own', 'members', 'posts']) await db.as('alice', `insert into ${name} (note) values ('hers')`)
    for (const name of ['open', 'inside', 'hidden']) await db.asService(`insert into ${name} (note) values ('ours')`)
  })
  afterAll(() => db.close())

  const sees = async (who: string | null, name: string) => (await db.as(who, `select note from ${name}`)).length

  it.each([
    ['own', { alice: 1, bob: 0, nobody: 0 }],
    ['members', { alice: 1, bob: 1, nobody: 0 }],
    ['posts', { alice: 1, bob: 1, nobody: 1 }],
    ['open', { alice: 1, bob: 1, nobody: 1 }],
    ['inside', { alice: 1, bob: 1, nobody: 0 }],
    ['hidden', { alice: 0, bob: 0, nobody: 0 }],
  ])('%s is read by %o', async (name, readers) => {
    const seen = { alice: await sees('alice', name), bob: await sees('bob', name), nobody: await sees(null, name) }
    expect(seen).toEqual(readers)
    expect(await db.asService(`select note from ${name}`)).toHaveLength(1)
  })

  it.each(['own', 'members', 'posts'])('%s is written by its owner alone', async (name) => {
    const owner = name === 'members' ? 'author_id' : 'owner_id'
    for (const who of ['bob', null]) {
      expect(await db.as(who, `update ${name} set note = 'taken' returning id`)).toEqual([])
      expect(await db.as(who, `delete from ${name} returning id`)).toEqual([])
    }
    await expect(db.as('bob', `insert into ${name} (note, ${owner}) values ('forged', 'alice')`)).rejects.toThrow(
      'row-level security',
    )
    await expect(db.as('alice', `update ${name} set ${owner} = 'bob'`)).rejects.toThrow('row-level security')
    expect(await db.asService(`select note, ${owner} as owner from ${name}`)).toEqual([
      { note: 'hers', owner: 'alice' },
    ])
    expect(await db.as('alice', `update ${name} set note = 'hers' returning id`)).toHaveLength(1)
  })

  it.each(['open', 'inside', 'hidden'])('%s is written by the service alone', async (name) => {
    await expect(db.as('alice', `insert into ${name} (note) values ('mine')`)).rejects.toThrow('row-level security')
    expect(await db.as('alice', `update ${name} set note = 'mine' returning id`)).toEqual([])
    expect(await db.as('alice', `delete from ${name} returning id`)).toEqual([])
    expect(await db.asService(`update ${name} set note = 'ours' returning note`)).toEqual([{ note: 'ours' }])
  })

  it('a row may hang on any parent that its writer can read', async () => {
    const [parent] = await db.as('alice', `insert into comments (note) values ('first') returning id`)
    const [reply] = await db.as(
      'bob',
      `insert into comments (note, parent_id) values ('re', ${parent!.id}) returning id`,
    )
    expect(reply).toBeDefined()
  })

  it('and on none that its writer can’t', async () => {
    const [hers] = await db.as('alice', `select id from own`)
    const [his] = await db.as('bob', `insert into own (note) values ('his') returning id`)
    expect(await db.as('bob', `insert into drafts (parent_id) values (${his!.id}) returning id`)).toHaveLength(1)
    await expect(db.as('bob', `insert into drafts (parent_id) values (${hers!.id})`)).rejects.toThrow(
      'row-level security',
    )
    await expect(db.as('bob', `update drafts set parent_id = ${hers!.id}`)).rejects.toThrow('row-level security')
    expect(await db.asService('select id from drafts')).toHaveLength(1)
  })

  it('the policy names the column with its table: a bare name would be the parent’s own', async () => {
    const policy = (await sqlOf(schema)).find((statement) => statement.includes('POLICY "comments_insert"'))
    expect(policy).toContain('p."id" = "comments"."parent_id"')
  })

  it('a parent that goes empties the reference, and not the owner', async () => {
    const [parent] = await db.as('carol', `insert into own (note) values ('gone soon') returning id`)
    await db.as('carol', `insert into tags (own_id) values (${parent!.id})`)
    expect(await db.as('carol', `delete from own returning id`)).toHaveLength(1)
    expect(await db.as('carol', 'select own_id, owner_id from tags')).toEqual([{ own_id: null, owner_id: 'carol' }])
  })

  it('nobody hangs a row on a parent of another owner', async () => {
    const [hers] = await db.as('alice', `select id from own`)
    await expect(db.as('bob', `insert into tags (own_id) values (${hers!.id})`)).rejects.toThrow('foreign key')
    expect(await db.as('alice', `insert into tags (own_id) values (${hers!.id}) returning id`)).toHaveLength(1)
  })
})

describe('what PostgreSQL would refuse at the first write is refused before', () => {
  it('a reference to its own table as readable, where only the owner may read', async () => {
    const folders = table(
      'folders',
      { id: id(), parentId: references((): Described => folders, { to: 'readable', optional: true }) },
      { owner: user() },
    )
    await expect(sqlOf({ folders })).rejects.toThrow(
      "table('folders'): PostgreSQL refuses a policy that reads its own table",
    )
  })
})
