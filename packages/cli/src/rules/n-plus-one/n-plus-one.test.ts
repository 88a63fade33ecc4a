import { expect, test } from 'vitest'
import { audit } from '../../audit.js'
import { treeOf } from '../../facts/source/read-tree.js'
import { RULEBOOK } from '../rulebook.js'

const DB = "import { PrismaClient } from '@prisma/client'\nexport const db = new PrismaClient()\n"

/** Two routes that need what one helper makes, and where the loops are told. */
async function loopsIn(helper: string): Promise<string[]> {
  const route = `import { all } from '../../../lib/posts'
export async function GET() {
  try { return Response.json(await all()) } catch (error) { console.error(error); return Response.json({}, { status: 500 }) }
}`
  const tree = treeOf({
    'lib/posts.ts': `${DB}${helper}`,
    'app/api/posts/route.ts': route,
    'app/api/feed/route.ts': route,
  })
  const { findings } = await audit(tree, RULEBOOK)
  return findings.flatMap(({ rule, file, line, symbol }) =>
    rule === 'n-plus-one' ? [`${file}:${line} ${symbol}`] : [],
  )
}

test('a loop is told where it is, once for all that lead to it', async () => {
  const helper = `const comments = (postId: string) => db.comment.count({ where: { postId } })
export async function all() {
  const posts = await db.post.findMany({ where: { published: true }, take: 20 })
  const counts = []
  for (const post of posts)
    counts.push(await comments(post.id))
  return counts
}`
  expect(await loopsIn(helper)).toEqual(['lib/posts.ts:8 all'])
})

test('each of several is told', async () => {
  const helper = `export async function all() {
  const posts = await db.post.findMany({ where: { published: true }, take: 20 })
  for (const post of posts) await db.comment.count({ where: { postId: post.id } })
  return Promise.all(posts.map((post) => db.like.count({ where: { postId: post.id } })))
}`
  expect(await loopsIn(helper)).toEqual(['lib/posts.ts:5 all', 'lib/posts.ts:6 all'])
})

test.each([
  ['a map', "Promise.all(['draft', 'published'].map((status) => db.post.count({ where: { status } })))"],
  ['a loop', "{}; for (const status of ['draft', 'published']) await db.post.count({ where: { status } })"],
])('what is done for a few things that are written out is as long as it looks: %s', async (_, work) => {
  expect(await loopsIn(`export async function all() { return ${work} }`)).toEqual([])
})

test('a list that is made longer first is as long as that makes it', async () => {
  const helper = `export async function all() {
  const posts = await db.post.findMany({ where: { published: true }, take: 20 })
  const old: string[] = []
  for (const post of posts) if (post.isOld) old.push(post.id)
  await Promise.all(old.map((id) => db.post.update({ where: { id }, data: { archived: true } })))
}`
  expect(await loopsIn(helper)).toEqual(['lib/posts.ts:7 all'])
})

test('where more of them may come, it is not', async () => {
  const work =
    'Promise.all([...(await db.status.findMany({ take: 9 }))].map((status) => db.post.count({ where: { status } })))'
  expect(await loopsIn(`export async function all() { return ${work} }`)).toHaveLength(1)
})

test.each([
  ['by a page and what is done for all of it', 'while (true)'],
  ['by as many pages as there are', 'for (let page = 0; page < pages; page += 1)'],
])('what goes through a table in batches asks once for each of those: %s', async (_, loop) => {
  const helper = `export async function all(pages = 3) {
  ${loop} {
    const posts = await db.post.findMany({ where: { archived: false }, take: 100 })
    if (posts.length === 0) break
    await db.post.updateMany({ where: { id: { in: posts.map(({ id }) => id) } }, data: { archived: true } })
  }
}`
  expect(await loopsIn(helper)).toEqual([])
})

const given = (work: string) => `import { batches, chunk, splitInto } from '@acme/lists'
export async function all(ids: string[]) {
  ${work}
}`

test.each([
  'for (const some of chunk(ids, 250)) await db.post.updateMany({ where: { id: { in: some } }, data: { archived: true } })',
  'for (const some of _.chunk<string>(ids, 250)) await db.post.deleteMany({ where: { id: { in: some } } })',
  'const chunks = splitInto(ids, 250); for (const some of chunks) await db.post.deleteMany({ where: { id: { in: some } } })',
  'await Promise.all(batches(ids, 250).map((some) => db.post.deleteMany({ where: { id: { in: some } } })))',
])('so does what goes through a list by chunks: %s', async (work) => {
  expect(await loopsIn(given(work))).toEqual([])
  const each = 'for (const some of chunk(ids, 250)) for (const id of some) await db.post.delete({ where: { id } })'
  expect(await loopsIn(given(each))).toHaveLength(1)
})

test('what is asked for each row of a batch, and for one row after the other, is told', async () => {
  const helper = `export async function all(id: string | null) {
  while (true) {
    const posts = await db.post.findMany({ where: { archived: false }, take: 100 })
    if (posts.length === 0) break
    for (const post of posts) await db.comment.count({ where: { postId: post.id } })
  }
  while (id !== null) id = (await db.folder.findUnique({ where: { id } })).parentId
}`
  expect(await loopsIn(helper)).toEqual(['lib/posts.ts:7 all', 'lib/posts.ts:9 all'])
})
