import { describe, expect, test } from 'vitest'
import { audit } from './audit.js'
import { treeOf } from './facts/source/read-tree.js'
import { fix } from './fix.js'
import { examplesIn } from './rules/examples.js'
import type { BookedRule, Edit, Rule } from './rules/rule.js'
import { RULEBOOK } from './rules/rulebook.js'

type Files = Readonly<Record<string, string>>

const only = (id: string) => RULEBOOK.filter((one) => one.id === id)
const fixed = (files: Files, rules: readonly BookedRule[] = RULEBOOK) => fix(treeOf(files), rules, () => true)

describe('what is certain is mended, as the file is written', () => {
  const ROUTE = 'app/api/a/route.ts'
  const mended = async (id: string, text: string, others: Files = {}, file = ROUTE) =>
    (await fixed({ [file]: text, ...others }, only(id))).texts.get(file)

  test.each([
    ['{ error: error.message }', "{ error: 'Something went wrong' }"],
    ['{ error: (error as Error).message ?? "no" }', '{ error: "no" }'],
    ["{ error: error instanceof Error ? error.message : 'Saving failed' }", "{ error: 'Saving failed' }"],
    ['{ error: `Failed: ${error.message}` }', "{ error: 'Failed' }"],
    ['{ error: `${error.message}!` }', "{ error: 'Something went wrong' }"],
    ["{ error: 'Saving failed: ' + error.message }", "{ error: 'Saving failed' }"],
    ['{ data: null, to: addressFor(error.message) }', undefined],
    ['{ error: String(error) }', "{ error: 'Something went wrong' }"],
    ["{ error: 'Saving failed', details: error.message }", "{ error: 'Saving failed' }"],
    ["{ stack: error.stack, error: 'Saving failed' }", "{ error: 'Saving failed' }"],
    ['{ error }', "{ error: 'Something went wrong' }"],
    [
      '{ data: null, error: { message: String(error.message) } }',
      "{ data: null, error: { message: 'Something went wrong' } }",
    ],
  ])('error-leak: %s', async (told, instead) => {
    expect(await mended('error-leak', leaking(told))).toBe(instead && leaking(instead))
  })

  test('parse-throws: where the file answers as Next.js does, so does the fix', async () => {
    const text = `import { NextResponse } from "next/server"\n${parsing('  const post = Post.parse(await request.json())\n')}`
    expect(await mended('parse-throws', text)).toContain(
      'if (!parsed.success) return NextResponse.json({ error: "Invalid input" }, { status: 400 })'.replaceAll('"', "'"),
    )
  })

  test('error-leak: what is written out as JSON is still JSON', async () => {
    const after = await mended(
      'error-leak',
      served('{ ok: false, error: error.message }'),
      {},
      'supabase/functions/a/index.ts',
    )
    expect(after).toBe(served("{ ok: false, error: 'Something went wrong' }"))
  })

  test('pagination-missing: what is counted of the rows would be another number of fewer', async () => {
    const text = `import { PrismaClient } from '@prisma/client'
const db = new PrismaClient()
export async function GET() {
  const orders = await db.order.findMany()
  return Response.json({ total: orders.reduce((sum, { total }) => sum + total, 0) })
}
`
    expect(await mended('pagination-missing', text)).toBeUndefined()
  })

  test('error-leak: what is no longer told to the client is told to the log', async () => {
    const { texts } = await fixed({
      [ROUTE]: `import { auth } from '@clerk/nextjs/server'
import { db } from '@/lib/db'

export async function GET() {
  try {
    const { userId } = await auth()
    if (!userId) return new Response(null, { status: 401 });
    return Response.json(await db.post.findMany({ where: { authorId: userId }, take: 20 }));
  } catch (e) {
    return Response.json({ error: e.message }, { status: 500 });
  }
}
`,
    })
    expect(texts.get(ROUTE)).toContain(`  } catch (e) {
    console.error(e);
    return Response.json({ error: 'Something went wrong' }, { status: 500 });
  }`)
  })

  test.each([
    [
      "catch {\n    return new Response('no')\n  }",
      "catch (error) {\n    console.error(error)\n    return new Response('no')\n  }",
    ],
    ['catch (e) {}', 'catch (e) { console.error(e) }'],
    [
      "catch { return Response.json({ error: 'no' }) }",
      "catch (caught) { console.error(caught); return Response.json({ error: 'no' }) }",
    ],
    ['catch (e) {\n    ;[1].forEach(String)\n  }', 'catch (e) {\n    console.error(e)\n    ;[1].forEach(String)\n  }'],
    ['catch (e) {\n    // There is none the first time.\n  }', undefined],
  ])('error-unlogged: %s', async (clause, instead) => {
    expect(await mended('error-unlogged', unlogged(clause))).toBe(instead && unlogged(instead))
  })

  test.each([
    ['db.post.findMany()', 'db.post.findMany({ take: 100 })'],
    ['db.post.findMany({ where: { isPublic: true } })', 'db.post.findMany({ take: 100, where: { isPublic: true } })'],
    [
      'db.post.findMany({\n    where: { isPublic: true },\n  })',
      'db.post.findMany({\n    take: 100,\n    where: { isPublic: true },\n  })',
    ],
    ['orm.select().from(posts)', 'orm.select().from(posts).limit(100)'],
    [
      'orm\n    .select()\n    .from(posts)\n    .orderBy(posts.id)',
      'orm\n    .select()\n    .from(posts)\n    .orderBy(posts.id)\n    .limit(100)',
    ],
    [
      'orm.query.posts.findMany({ columns: { id: true } })',
      'orm.query.posts.findMany({ limit: 100, columns: { id: true } })',
    ],
    ['Post.find({ isPublic: true }).sort("-id")', 'Post.find({ isPublic: true }).sort("-id").limit(100)'],
    ["(await supabase.from('posts').select('*')).data", undefined],
    ['db.post.findMany(options)', undefined],
  ])('pagination-missing: %s', async (query, instead) => {
    expect(await mended('pagination-missing', listing(query))).toBe(instead && listing(instead))
  })

  test.each([
    [
      '  const { title } = Post.parse(await request.json())\n',
      "  const parsed = Post.safeParse(await request.json())\n  if (!parsed.success) return Response.json({ error: 'Invalid input' }, { status: 400 })\n  const { title } = parsed.data\n",
    ],
    [
      '  const body: Post = await Post.parseAsync(await request.json());\n',
      "  const parsed = await Post.safeParseAsync(await request.json());\n  if (!parsed.success) return Response.json({ error: 'Invalid input' }, { status: 400 });\n  const body: Post = parsed.data;\n",
    ],
    ['  await save(Post.parse(await request.json()))\n', undefined],
    ['  const all = (await request.json()).map((one) => { const post = Post.parse(one)\n return post })\n', undefined],
  ])('parse-throws: %s', async (line, instead) => {
    expect(await mended('parse-throws', parsing(line))).toBe(instead && parsing(instead))
  })

  test.each([
    [
      'const Patch = z.object({ title: z.string().optional(), isPublic: z.boolean().default(true) })',
      'Patch',
      'const Patch = z.object({ title: z.string().optional(), isPublic: z.boolean().optional() })',
      'Patch',
    ],
    [
      'const Post = z.object({ title: z.string(), isPublic: z.boolean().default(true) })',
      'Post.partial()',
      'const Post = z.object({ title: z.string(), isPublic: z.boolean() })',
      'Post.partial()',
    ],
    [
      'export const Post = z.object({ title: z.string(), isPublic: z.boolean().default(true) })',
      'Post.partial()',
      'export const Post = z.object({ title: z.string(), isPublic: z.boolean().default(true) })',
      'Post.extend({ isPublic: z.boolean() }).partial()',
    ],
    [
      'export const Post = z.object({ title: z.string(), isPublic: z.boolean().default(true) })\nconst Patch = Post.partial()',
      'Patch',
      'export const Post = z.object({ title: z.string(), isPublic: z.boolean().default(true) })\nconst Patch = Post.extend({ isPublic: z.boolean() }).partial()',
      'Patch',
    ],
  ])('patch-default: %s, %s', async (before, schema, after, by) => {
    const others = { 'package.json': '{ "dependencies": { "zod": "^4.0.0" } }' }
    expect(await mended('patch-default', patch(before, schema), others)).toBe(patch(after, by))
  })

  test.each([
    [
      '^15.0.0',
      action('redirect, unstable_rethrow', 'catch (error) {\n    unstable_rethrow(error)\n    return { error }\n  }'),
    ],
    ['^14.0.0', undefined],
  ])('redirect-swallowed: next %s', async (next, instead) => {
    const text = action('redirect', 'catch (error) {\n    return { error }\n  }')
    const others = { 'package.json': JSON.stringify({ dependencies: { next } }) }
    expect(await mended('redirect-swallowed', text, others, 'app/actions.ts')).toBe(instead)
  })

  test.each([
    ['// postern-ignore n-plus-one: it was so\nexport const a = 1\n', 'export const a = 1\n'],
    ['export const a = 1 // postern-ignore n-plus-one: it was so\n', 'export const a = 1\n'],
    ['/*\n * postern-ignore n-plus-one: it was so\n */\nexport const a = 1\n', 'export const a = 1\n'],
    ['// postern-ignore n-plus-one: it was so', ''],
    ['// postern-ignore n-plus-one\nexport const a = 1\n', undefined],
  ])('unused-suppression: %j', async (before, after) => {
    expect((await fixed({ 'lib/a.ts': before })).texts.get('lib/a.ts')).toBe(after)
  })

  test('lines end as those of the file do', async () => {
    const text =
      "import { db } from '@/lib/db'\r\nexport async function GET() {\r\n  try {\r\n    await db.a.count()\r\n  } catch {\r\n    return new Response('no')\r\n  }\r\n}\r\n"
    const after = await mended('error-unlogged', text)
    expect(after).toContain('console.error(error)\r\n')
    expect(after?.replaceAll('\r\n', '')).not.toContain('\n')
  })
})

describe('no fix is kept that does not hold', () => {
  const FILE = 'app/api/posts/route.ts'
  const OPEN = `import { db } from '@/lib/db'
export async function GET() {
  const posts = await db.post.findMany({ take: 20 })
  return Response.json(posts)
}
`
  test.each<[string, Edited, string | null]>([
    ['one that mends is', (edit) => [edit('posts)', 'posts) // mended')], null],
    ['one that does not parse is not', (edit) => [edit('posts)', 'posts // mended')], 'its file would not parse'],
    [
      'one after which the finding is still there is not',
      (edit) => [edit('20', '10')],
      'its finding would still be there',
    ],
    [
      'one that brings another finding is not',
      (edit) => [edit('findMany({ take: 20 })', "deleteMany({ where: { id: 'mended' } })")],
      'auth-missing would be found then',
    ],
  ])('%s', async (_, edits, reason) => {
    const { texts, fixes, report } = await fixed({ [FILE]: OPEN }, rule(edits))
    expect(fixes).toMatchObject([{ rule: 'speaks', file: FILE, line: 3, isFixed: reason === null, reason }])
    expect([...texts.keys()]).toEqual(reason === null ? [FILE] : [])
    expect(report.findings.map((one) => one.rule)).toEqual(reason === null ? [] : ['speaks'])
  })

  test('two that change one place alike are one', async () => {
    const twice = OPEN.replace('  return', '  const others = await db.post.findMany({ take: 20 })\n  return')
    const { fixes, texts } = await fixed(
      { [FILE]: twice },
      rule((edit) => [edit('GET', 'GET /* mended */')]),
    )
    expect(fixes.map(({ isFixed }) => isFixed)).toEqual([true, true])
    expect(texts.get(FILE)?.match(/mended/g)).toHaveLength(1)
  })

  test('what nobody means is left as it is', async () => {
    const { texts, fixes } = await fix(
      treeOf({ [FILE]: OPEN }),
      rule((edit) => [edit('20', '/* mended */ 20')]),
      () => false,
    )
    expect([texts.size, fixes.length]).toEqual([0, 0])
  })
})

test('of every bad example in the rulebook, what is fixed is gone, and nothing is there that was not', async () => {
  let done = 0
  for (const { markdown } of RULEBOOK)
    for (const { files } of examplesIn(markdown).bad) {
      const before = (await audit(treeOf(files), RULEBOOK)).findings
      const { texts, fixes, report } = await fixed(files)
      const kept = fixes.filter(({ isFixed }) => isFixed).length
      const after = (await audit(treeOf({ ...files, ...Object.fromEntries(texts) }), RULEBOOK)).findings
      expect(after.length).toBe(before.length - kept)
      expect(report.findings).toEqual(after)
      done += kept
    }
  expect(done).toBeGreaterThanOrEqual(9)
}, 60_000)

function patch(definitions: string, schema: string): string {
  return `import { auth } from '@clerk/nextjs/server'
import { z } from 'zod'
import { db } from '@/lib/db'
${definitions}
export async function PATCH(request: Request) {
  const { userId } = await auth()
  const parsed = ${schema}.safeParse(await request.json())
  if (!parsed.success) return new Response(null, { status: 400 })
  await db.post.update({ where: { authorId: userId }, data: parsed.data })
  return new Response(null, { status: 204 })
}
`
}

function action(imports: string, clause: string): string {
  return `'use server'\nimport { ${imports} } from 'next/navigation'\nimport { db } from '@/lib/db'\nexport async function save() {\n  try {\n    await db.post.count()\n    redirect('/posts')\n  } ${clause}\n}\n`
}

type Edited = (edit: (start: string, text: string) => Edit) => readonly Edit[]

/** Speaks at each query of a file that nobody has mended. */
function rule(edits: Edited): BookedRule[] {
  const speaking: Rule = {
    title: '',
    severity: 'error',
    references: [],
    *entry({ facts }) {
      for (const fact of facts) {
        if (fact.fact !== 'query' || fact.file.text.includes('mended')) continue
        const edit = (from: string, text: string): Edit => {
          const start = fact.file.text.indexOf(from)
          return { file: fact.file, start, end: start + from.length, text }
        }
        yield { at: fact, confidence: 'high', message: '', fix: '', edits: () => edits(edit) }
      }
    },
  }
  return [{ id: 'speaks', rule: speaking, why: '' }, ...only('sql-injection'), ...only('auth-missing')]
}

function leaking(body: string): string {
  return `import { db } from '@/lib/db'\nexport async function GET() {\n  try {\n    await db.a.count()\n  } catch (error) {\n    console.error(error)\n    return Response.json(${body}, { status: 500 })\n  }\n}\n`
}

function served(body: string): string {
  return `Deno.serve(async () => {\n  try {\n    await fetch('https://a.dev')\n  } catch (error) {\n    console.error(error)\n    return new Response(JSON.stringify(${body}), { status: 500 })\n  }\n})\n`
}

function unlogged(one: string): string {
  return `import { db } from '@/lib/db'\nexport async function GET() {\n  try {\n    await db.a.count()\n  } ${one}\n}\n`
}

function listing(one: string): string {
  return `import { PrismaClient } from '@prisma/client'
import { drizzle } from 'drizzle-orm/node-postgres'
import mongoose from 'mongoose'
import { posts } from './schema'
const db = new PrismaClient()
const orm = drizzle('')
const Post = mongoose.model('Post', new mongoose.Schema({}))
export async function GET(request: Request, options: object) {
  const rows = await ${one}
  return Response.json(rows)
}
`
}

function parsing(one: string): string {
  return `import { z } from 'zod'\nconst Post = z.object({ title: z.string() })\nexport async function POST(request: Request) {\n${one}  return new Response(null)\n}\n`
}
