import { describe, expect, test } from 'vitest'
import { audit } from '../../audit.js'
import { RULEBOOK } from '../../rules/rulebook.js'
import { treeOf } from '../source/read-tree.js'

const ASKED = [
  'auth-missing',
  'ownership-missing',
  'pagination-missing',
  'sql-injection',
  'mass-assignment',
  'n-plus-one',
]

async function said(files: Readonly<Record<string, string>>): Promise<string[]> {
  const { findings, faults } = await audit(treeOf(files), RULEBOOK)
  if (faults.length > 0) throw new Error(JSON.stringify(faults))
  return findings
    .filter(({ rule, confidence }) => ASKED.includes(rule) && confidence === 'high')
    .map(({ rule }) => rule)
    .toSorted()
}

/** What somebody does who is signed in, with `id` and `sort` of the request and the body as it came. */
const route = (client: string, work: string) => ({
  'app/api/posts/[id]/route.ts': `import { auth } from '@clerk/nextjs/server'
${client}
export async function POST(request: Request, { params }) {
  const { userId } = await auth()
  if (!userId) return Response.json({ error: 'Unauthorized' }, { status: 401 })
  const { id } = await params
  const sort = new URL(request.url).searchParams.get('sort')
  const body = await request.json()
  ${work}
}`,
})

const OK = 'return Response.json({})'
const KYSELY =
  "import { Kysely, PostgresDialect, sql } from 'kysely'\nconst db = new Kysely<DB>({ dialect: new PostgresDialect({}) })"
const KNEX = "import knex from 'knex'\nconst db = knex({ client: 'pg' })"
const OBJECTION = "import { Model } from 'objection'\nclass Post extends Model { static tableName = 'posts' }"
const MONGO =
  "import { MongoClient, ObjectId } from 'mongodb'\nconst client = new MongoClient(process.env.MONGO_URL!)\nconst posts = client.db('blog').collection('posts')"
const DEFINED =
  "import { Sequelize, DataTypes } from 'sequelize'\nconst sequelize = new Sequelize(process.env.DATABASE_URL!)\nconst Post = sequelize.define('Post', { title: DataTypes.STRING })"
const CLASS =
  "import { Sequelize, DataTypes, Model } from 'sequelize'\nconst sequelize = new Sequelize('sqlite::memory:')\nclass Post extends Model {}\nPost.init({ title: DataTypes.STRING }, { sequelize })"
const MIKRO =
  "import { MikroORM } from '@mikro-orm/postgresql'\nclass Post { id: string; title: string }\nconst orm = await MikroORM.init({})\nconst em = orm.em.fork()"
const BUN = "import { SQL, sql } from 'bun'\nconst pg = new SQL(process.env.DATABASE_URL!)"
const NEON = "import { neon } from '@neondatabase/serverless'\nconst sql = neon(process.env.DATABASE_URL!)"
const LIBSQL = "import { createClient } from '@libsql/client'\nconst db = createClient({ url: process.env.TURSO_URL! })"
const BETTER = "import Database from 'better-sqlite3'\nconst db = new Database('app.db')"
const NODE_SQLITE = "import { DatabaseSync } from 'node:sqlite'\nconst db = new DatabaseSync('app.db')"
const BUN_SQLITE = "import { Database } from 'bun:sqlite'\nconst db = new Database('app.db')"
const D1 = "import { getCloudflareContext } from '@opennextjs/cloudflare'"

describe('a row that is changed is somebody’s', () => {
  test.each<[string, string, string, string]>([
    [
      'Kysely, update',
      KYSELY,
      "await db.updateTable('post').set({ title: 'x' }).where('id', '=', id).execute()",
      "await db.updateTable('post').set({ title: 'x' }).where('id', '=', id).where('author_id', '=', userId).execute()",
    ],
    [
      'Kysely, delete',
      KYSELY,
      "await db.deleteFrom('post').where('post.id', '=', id).executeTakeFirst()",
      "await db.deleteFrom('post').where((eb) => eb.and([eb('post.id', '=', id), eb('post.author_id', '=', userId)])).executeTakeFirst()",
    ],
    [
      'Kysely, by an object',
      KYSELY,
      "await db.deleteFrom('post').where((eb) => eb.and({ id })).execute()",
      "await db.deleteFrom('post').where(({ eb, and }) => and([eb('id', '=', id), eb('author_id', '=', userId)])).execute()",
    ],
    [
      'Kysely, in a transaction',
      KYSELY,
      "await db.transaction().execute(async (trx) => { await trx.deleteFrom('post').where('id', '=', id).execute() })",
      "await db.transaction().execute(async (trx) => { const post = await trx.selectFrom('post').selectAll().where('id', '=', id).executeTakeFirstOrThrow(); if (post.author_id !== userId) throw new Error('Not found'); await trx.deleteFrom('post').where('id', '=', id).execute() })",
    ],
    [
      'Kysely, as SQL',
      KYSELY,
      'await sql`delete from post where id = ${id}`.execute(db)',
      'await sql`delete from post where id = ${id} and author_id = ${userId}`.execute(db)',
    ],
    [
      'Knex, by an object',
      KNEX,
      "await db('posts').where({ id }).del()",
      "await db('posts').where({ id, author_id: userId }).del()",
    ],
    [
      'Knex, by a column',
      KNEX,
      "await db('posts').where('id', id).update({ title: 'x' })",
      "await db('posts').where('id', id).andWhere('author_id', '=', userId).update({ title: 'x' })",
    ],
    [
      'Knex, into a table',
      KNEX,
      "await db.from('posts').whereIn('id', [id]).delete()",
      "await db.from('posts').whereIn('id', [id]).where('posts.author_id', userId).delete()",
    ],
    [
      'Knex, looked at before',
      KNEX,
      "const post = await db('posts').where({ id }).first(); if (!post) return new Response(null, { status: 404 }); await db('posts').where({ id }).del()",
      "const post = await db('posts').where({ id }).first(); if (post?.author_id !== userId) return new Response(null, { status: 404 }); await db('posts').where({ id }).del()",
    ],
    [
      'Knex, in a transaction',
      KNEX,
      "await db.transaction(async (trx) => { await trx('posts').where({ id }).del() })",
      "await db.transaction(async (trx) => { await trx('posts').where({ id, author_id: userId }).del() })",
    ],
    [
      'Knex, with then',
      KNEX,
      "await db('posts').where({ id }).first().then((post) => db('posts').where({ id }).del().then(() => post))",
      "await db('posts').where({ id, author_id: userId }).del().then(() => null)",
    ],
    [
      'Knex, as SQL',
      KNEX,
      "await db.raw('delete from posts where id = ?', [id])",
      "await db.raw('delete from posts where id = :id and author_id = :userId', { id, userId })",
    ],
    [
      'Objection',
      OBJECTION,
      'await Post.query().deleteById(id)',
      'await Post.query().delete().where({ id, authorId: userId })',
    ],
    [
      'Objection, patched',
      OBJECTION,
      "await Post.query().patchAndFetchById(id, { title: 'x' })",
      "await Post.query().patch({ title: 'x' }).where('id', id).where('authorId', userId)",
    ],
    [
      'MongoDB, deleteOne',
      MONGO,
      'await posts.deleteOne({ _id: new ObjectId(id) })',
      'await posts.deleteOne({ _id: new ObjectId(id), authorId: userId })',
    ],
    [
      'MongoDB, updateOne',
      MONGO,
      "await posts.updateOne({ _id: id }, { $set: { title: 'x' } })",
      "await posts.updateOne({ $and: [{ _id: id }, { authorId: userId }] }, { $set: { title: 'x' } })",
    ],
    [
      'MongoDB, looked at before',
      MONGO,
      'const post = await posts.findOne({ _id: id }); if (!post) return new Response(null, { status: 404 }); await posts.deleteOne({ _id: id })',
      'const post = await posts.findOne({ _id: id }); if (!post || post.authorId !== userId) return new Response(null, { status: 404 }); await posts.deleteOne({ _id: id })',
    ],
    [
      'Sequelize, destroy',
      DEFINED,
      'await Post.destroy({ where: { id } })',
      'await Post.destroy({ where: { id, authorId: userId } })',
    ],
    [
      'Sequelize, update',
      CLASS,
      "await Post.update({ title: 'x' }, { where: { id } })",
      "await Post.update({ title: 'x' }, { where: { id, authorId: userId } })",
    ],
    [
      'Sequelize, of a row',
      CLASS,
      'const post = await Post.findByPk(id); await post.destroy()',
      'const post = await Post.findOne({ where: { id, authorId: userId } }); await post.destroy()',
    ],
    [
      'Sequelize, with then',
      DEFINED,
      'await Post.findByPk(id).then((post) => post.destroy())',
      'await Post.findByPk(id).then((post) => { if (post.authorId === userId) return post.destroy() })',
    ],
    [
      'Sequelize, as SQL',
      DEFINED,
      "await sequelize.query('delete from posts where id = ?', { replacements: [id] })",
      "await sequelize.query('delete from posts where id = :id and author_id = :userId', { replacements: { id, userId } })",
    ],
    [
      'MikroORM, nativeDelete',
      MIKRO,
      'await em.nativeDelete(Post, { id })',
      'await em.nativeDelete(Post, { id, author: userId })',
    ],
    [
      'MikroORM, removed',
      MIKRO,
      'const post = await em.findOneOrFail(Post, id); await em.removeAndFlush(post)',
      'const post = await em.findOneOrFail(Post, { id, author: userId }); await em.removeAndFlush(post)',
    ],
    [
      'MikroORM, assigned',
      MIKRO,
      "const post = await em.findOneOrFail(Post, { id }); em.assign(post, { title: 'x' }); await em.flush()",
      "const post = await em.getRepository(Post).findOneOrFail({ id, author: userId }); em.assign(post, { title: 'x' }); await em.flush()",
    ],
    [
      'Bun',
      BUN,
      'await sql`delete from posts where id = ${id}`',
      'await sql`delete from posts where id = ${id} and author_id = ${userId}`',
    ],
    [
      'Bun, in a transaction',
      BUN,
      'await pg.begin(async (tx) => { await tx`delete from posts where id = ${id}` })',
      'await pg.begin(async (tx) => { await tx`delete from posts where id = ${id} and author_id = ${userId}` })',
    ],
    [
      'Neon',
      NEON,
      'await sql`delete from posts where id = ${id}`',
      'await sql`delete from posts where id = ${id} and author_id = ${userId}`',
    ],
    [
      'Neon, query',
      NEON,
      "await sql.query('delete from posts where id = $1', [id])",
      "await sql.query('delete from posts where id = $1 and author_id = $2', [id, userId])",
    ],
    [
      'libSQL',
      LIBSQL,
      "await db.execute({ sql: 'delete from posts where id = ?', args: [id] })",
      "await db.execute({ sql: 'delete from posts where id = :id and author_id = :userId', args: { id, userId } })",
    ],
    [
      'libSQL, many',
      LIBSQL,
      "await db.batch([{ sql: 'delete from posts where id = ?', args: [id] }], 'write')",
      "await db.batch([{ sql: 'delete from posts where id = ? and author_id = ?', args: [id, userId] }], 'write')",
    ],
    [
      'better-sqlite3',
      BETTER,
      "db.prepare('delete from posts where id = ?').run(id)",
      "db.prepare('delete from posts where id = ? and author_id = ?').run(id, userId)",
    ],
    [
      'better-sqlite3, by name',
      BETTER,
      "db.prepare('update posts set title = @title where id = @id').run({ title: 'x', id })",
      "db.prepare('update posts set title = @title where id = @id and author_id = @userId').run({ title: 'x', id, userId })",
    ],
    [
      'better-sqlite3, looked at before',
      BETTER,
      "const post = db.prepare('select * from posts where id = ?').get(id); db.prepare('delete from posts where id = ?').run(id)",
      "const post = db.prepare('select * from posts where id = ?').get(id); if (post.author_id !== userId) return new Response(null, { status: 404 }); db.prepare('delete from posts where id = ?').run(id)",
    ],
    [
      'node:sqlite',
      NODE_SQLITE,
      "db.prepare('delete from posts where id = ?').run(id)",
      "db.prepare('delete from posts where id = ? and author_id = ?').run(id, userId)",
    ],
    [
      'bun:sqlite',
      BUN_SQLITE,
      "db.query('delete from posts where id = $id').run({ $id: id })",
      "db.query('delete from posts where id = ? and author_id = ?').run(id, userId)",
    ],
    [
      'D1',
      D1,
      "await getCloudflareContext().env.DB.prepare('delete from posts where id = ?').bind(id).run()",
      "await getCloudflareContext().env.DB.prepare('delete from posts where id = ? and author_id = ?').bind(id, userId).run()",
    ],
  ])('%s', async (_, client, bad, good) => {
    expect(await said(route(client, `${bad}; ${OK}`))).toEqual(['ownership-missing'])
    expect(await said(route(client, `${good}; ${OK}`))).toEqual([])
  })
})

const LIST = (rows: string) => `const rows = ${rows}; return Response.json(rows)`

describe('a list has an end', () => {
  test.each<[string, string, string, string]>([
    [
      'Kysely',
      KYSELY,
      "await db.selectFrom('post').selectAll().where('author_id', '=', userId).execute()",
      "await db.selectFrom('post').selectAll().where('author_id', '=', userId).limit(20).execute()",
    ],
    [
      'Kysely, counted',
      KYSELY,
      "await db.selectFrom('post').select('title').where('author_id', '=', userId).execute()",
      "await db.selectFrom('post').select(({ fn }) => [fn.countAll().as('n')]).where('author_id', '=', userId).execute()",
    ],
    [
      'Knex',
      KNEX,
      "await db('posts').where({ author_id: userId })",
      "await db('posts').where({ author_id: userId }).limit(20)",
    ],
    [
      'Knex, counted',
      KNEX,
      "await db.select('*').from('posts').where('author_id', userId)",
      "await db('posts').where('author_id', userId).count('* as n')",
    ],
    [
      'MongoDB',
      MONGO,
      'await posts.find({ authorId: userId }).toArray()',
      'await posts.find({ authorId: userId }).limit(20).toArray()',
    ],
    [
      'MongoDB, aggregated',
      MONGO,
      'await posts.aggregate([{ $match: { authorId: userId } }]).toArray()',
      'await posts.aggregate([{ $match: { authorId: userId } }, { $limit: 20 }]).toArray()',
    ],
    [
      'Sequelize',
      DEFINED,
      'await Post.findAll({ where: { authorId: userId } })',
      'await Post.findAll({ where: { authorId: userId }, limit: 20 })',
    ],
    [
      'Sequelize, of which the options are put together elsewhere',
      DEFINED,
      'await Post.findAll({ ...{ where: { authorId: userId } } })',
      'await Post.findAll({ where: { authorId: userId }, ...(sort ? { limit: Number(sort) } : {}) })',
    ],
    [
      'MikroORM',
      MIKRO,
      'await em.find(Post, { author: userId })',
      'await em.find(Post, { author: userId }, { limit: 20 })',
    ],
    [
      'Neon, of which one row is made',
      NEON,
      'await sql`select title from posts where author_id = ${userId}`',
      'await sql`select array_agg(title) as titles from posts where author_id = ${userId}`',
    ],
    [
      'better-sqlite3',
      BETTER,
      "db.prepare('select * from posts where author_id = ?').all(userId)",
      "db.prepare('select * from posts where author_id = ? limit 20').all(userId)",
    ],
    [
      'D1',
      D1,
      "(await getCloudflareContext().env.DB.prepare('select * from posts where author_id = ?').bind(userId).all()).results",
      "(await getCloudflareContext().env.DB.prepare('select * from posts where author_id = ? limit ?').bind(userId, 20).all()).results",
    ],
  ])('%s', async (_, client, bad, good) => {
    expect(await said(route(client, LIST(bad)))).toEqual(['pagination-missing'])
    expect(await said(route(client, LIST(good)))).toEqual([])
  })
})

describe('a statement’s text is not the client’s', () => {
  test.each<[string, string, string, string]>([
    [
      'Kysely, sql.raw',
      KYSELY,
      'await sql.raw(`select id from post order by ${sort}`).execute(db)',
      'await sql`select id from post where slug = ${sort}`.execute(db)',
    ],
    [
      'Kysely, sql.raw in a tag',
      KYSELY,
      'await sql`select id from post order by ${sql.raw(sort)}`.execute(db)',
      'await sql`select id from post order by ${sql.ref(sort)}`.execute(db)',
    ],
    [
      'Kysely, sql.raw in a builder',
      KYSELY,
      "await db.selectFrom('post').select('id').orderBy(sql.raw(sort)).limit(1).execute()",
      "await db.selectFrom('post').select('id').orderBy('id').limit(1).execute()",
    ],
    [
      'Knex, raw',
      KNEX,
      'await db.raw(`select id from posts order by ${sort}`)',
      "await db.raw('select id from posts where slug = ?', [sort])",
    ],
    [
      'Knex, whereRaw',
      KNEX,
      "await db('posts').whereRaw(`title like '%${sort}%'`).limit(5)",
      "await db('posts').whereRaw('title like ?', [sort]).limit(5)",
    ],
    [
      'Knex, orderByRaw',
      KNEX,
      "await db('posts').orderByRaw(sort + ' desc').limit(5)",
      "await db('posts').orderBy(sort, 'desc').limit(5)",
    ],
    [
      'Sequelize',
      DEFINED,
      'await sequelize.query(`select id from posts order by ${sort}`)',
      "await sequelize.query('select id from posts where slug = :sort', { replacements: { sort } })",
    ],
    [
      'Bun',
      BUN,
      'await sql.unsafe(`select id from posts order by ${sort}`)',
      'await sql`select id from posts where slug = ${sort}`',
    ],
    [
      'Neon',
      NEON,
      'await sql.query(`select id from posts order by ${sort}`)',
      "await sql.query('select id from posts where slug = $1', [sort])",
    ],
    [
      'libSQL',
      LIBSQL,
      'await db.execute(`select id from posts order by ${sort}`)',
      "await db.execute({ sql: 'select id from posts where slug = ?', args: [sort] })",
    ],
    [
      'better-sqlite3',
      BETTER,
      'db.prepare(`select id from posts order by ${sort}`).all()',
      "db.prepare('select id from posts where slug = ?').all(sort)",
    ],
    [
      'node:sqlite',
      NODE_SQLITE,
      'db.exec(`pragma user_version = ${sort}`)',
      "db.prepare('select id from posts where slug = ?').get(sort)",
    ],
    [
      'D1',
      D1,
      'await getCloudflareContext().env.DB.prepare(`select id from posts order by ${sort}`).all()',
      "await getCloudflareContext().env.DB.prepare('select id from posts where slug = ?').bind(sort).all()",
    ],
    [
      'MikroORM',
      MIKRO,
      'await em.getConnection().execute(`select id from posts order by ${sort}`)',
      "await em.getConnection().execute('select id from posts where slug = ?', [sort])",
    ],
  ])('%s', async (_, client, bad, good) => {
    expect(await said(route(client, `${bad}; ${OK}`))).toEqual(['sql-injection'])
    expect(await said(route(client, `${good}; ${OK}`))).toEqual([])
  })
})

describe('columns are written one by one', () => {
  test.each<[string, string, string, string]>([
    [
      'Kysely, insert',
      KYSELY,
      "await db.insertInto('post').values({ ...body, author_id: userId }).execute()",
      "await db.insertInto('post').values({ title: body.title, author_id: userId }).execute()",
    ],
    [
      'Kysely, update',
      KYSELY,
      "await db.updateTable('post').set(body).where('author_id', '=', userId).execute()",
      "await db.updateTable('post').set('title', body.title).where('author_id', '=', userId).execute()",
    ],
    [
      'Knex',
      KNEX,
      "await db('posts').insert(body)",
      "await db('posts').insert({ title: body.title, author_id: userId })",
    ],
    [
      'Objection',
      OBJECTION,
      'await Post.query().insert(body)',
      'await Post.query().insert({ title: body.title, authorId: userId })',
    ],
    [
      'MongoDB',
      MONGO,
      'await posts.insertOne({ ...body, authorId: userId })',
      'await posts.insertOne({ title: body.title, authorId: userId })',
    ],
    [
      'MongoDB, $set',
      MONGO,
      'await posts.updateOne({ authorId: userId }, { $set: body })',
      'await posts.updateOne({ authorId: userId }, { $set: { title: body.title } })',
    ],
    ['Sequelize', CLASS, 'await Post.create(body)', 'await Post.create({ title: body.title, authorId: userId })'],
    [
      'Sequelize, of a row',
      CLASS,
      'const post = await Post.findOne({ where: { authorId: userId } }); await post.update(body)',
      'const post = await Post.findOne({ where: { authorId: userId } }); await post.update({ title: body.title })',
    ],
    [
      'MikroORM',
      MIKRO,
      'await em.persistAndFlush(em.create(Post, body))',
      'await em.persistAndFlush(em.create(Post, { title: body.title, author: userId }))',
    ],
  ])('%s', async (_, client, bad, good) => {
    expect(await said(route(client, `${bad}; ${OK}`))).toEqual(['mass-assignment'])
    expect(await said(route(client, `${good}; ${OK}`))).toEqual([])
  })
})

const worker = (guard: string) => ({
  'src/index.ts': `import { Hono } from 'hono'
import { bearerAuth } from 'hono/bearer-auth'
const app = new Hono<{ Bindings: { DB: D1Database } }>()
${guard}
app.delete('/posts/:slug', async (c) => { await c.env.DB.prepare('delete from posts where slug = ?').bind('x').run(); return c.body(null, 204) })
export default app`,
})

test('a binding of a worker of Hono is a database', async () => {
  expect(await said(worker(''))).toEqual(['auth-missing'])
  expect(await said(worker('app.use(bearerAuth({ token: process.env.TOKEN! }))'))).toEqual([])
})

test.each([
  [
    "const { Sequelize } = require('sequelize')\nconst sequelize = new Sequelize('')\nconst Post = sequelize.define('Post', {})",
    'await Post.destroy({ where: { slug: req.params.slug } })',
  ],
  ["const db = require('knex')({ client: 'pg' })", "await db('posts').where({ slug: req.params.slug }).del()"],
  ["const Post = require('./post')", 'await Post.deleteMany({ slug: req.params.slug })'],
  ["const posts = require('./posts')", 'await posts.remove(req.params.slug)'],
  ["const db = require('./models')", 'await db.posts.destroy({ where: { slug: req.params.slug } })'],
  ["const { Post } = require('./index-of-models')", 'await Post.destroy({ where: { slug: req.params.slug } })'],
])('modules of CommonJS are followed: %s', async (client, work) => {
  const files = (guard: string) => ({
    'src/post.js':
      "const mongoose = require('mongoose')\nmodule.exports = mongoose.model('Post', new mongoose.Schema({}))",
    'src/models.js':
      "const { Sequelize } = require('sequelize')\nconst sequelize = new Sequelize('')\nconst db = {}\ndb.posts = sequelize.define('Post', {})\nmodule.exports = db",
    'src/index-of-models.js':
      "const fs = require('fs')\nconst Sequelize = require('sequelize')\nconst db = {}\nlet sequelize\nif (process.env.URL) sequelize = new Sequelize(process.env.URL)\nelse sequelize = new Sequelize('')\nfs.readdirSync(__dirname).forEach((file) => { const model = require('./' + file)(sequelize); db[model.name] = model })\ndb.sequelize = sequelize\nmodule.exports = db",
    'src/posts.js':
      "const Post = require('./post')\nexports.remove = async (slug) => { await Post.deleteMany({ slug }) }",
    'src/routes.js': `const express = require('express')
${client}
const router = express.Router()
router.delete('/:slug', async (req, res) => { ${work}; res.sendStatus(204) })
module.exports = router`,
    'src/index.js': `const express = require('express')
const app = express()
const guard = (req, res, next) => { if (req.headers.authorization !== process.env.TOKEN) return res.sendStatus(401); next() }
app.use('/posts', ${guard} require('./routes'))
app.listen(3000)`,
  })
  expect(await said(files(''))).toContain('auth-missing')
  expect(await said(files('guard, '))).toEqual([])
})

const calledBack = (columns: string) => ({
  'src/index.js': `const express = require('express')
const mysql = require('mysql')
const connection = mysql.createConnection({})
const app = express()
app.get('/posts', (req, res) => { connection.query('select id from posts ${columns}', (error, rows) => { res.json(rows) }) })
app.listen(3000)`,
})

test('what a driver calls back with is followed', async () => {
  expect(await said(calledBack(''))).toEqual(['pagination-missing'])
  expect(await said(calledBack('limit 20'))).toEqual([])
})
