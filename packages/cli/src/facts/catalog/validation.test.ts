import { describe, expect, test } from 'vitest'
import { audit } from '../../audit.js'
import { RULEBOOK } from '../../rules/rulebook.js'
import { treeOf } from '../source/read-tree.js'

const ASKED = ['input-unvalidated', 'mass-assignment', 'parse-throws']

/** What is said of what reaches the database, and of schemas that throw. */
async function said(files: Readonly<Record<string, string>>): Promise<string[]> {
  const { findings, faults } = await audit(treeOf(files), RULEBOOK)
  if (faults.length > 0) throw new Error(JSON.stringify(faults))
  return findings
    .filter(({ rule, confidence }) => ASKED.includes(rule) && confidence === 'high')
    .map(({ rule }) => rule)
    .toSorted()
}

const DB = { 'lib/db.ts': "import { PrismaClient } from '@prisma/client'\nexport const db = new PrismaClient()" }

const WRITE = (value: string) =>
  `await db.post.create({ data: { ...${value}, authorId: userId } }); return Response.json({}, { status: 201 })`

const next = (imports: string, check: string, value: string) => ({
  ...DB,
  'app/api/posts/route.ts': `import { auth } from '@clerk/nextjs/server'
import { db } from '../../../lib/db'
${imports}
export async function POST(request: Request) {
  const { userId } = await auth()
  if (!userId) return Response.json({ error: 'Unauthorized' }, { status: 401 })
  const body = await request.json()
  ${check}
  ${WRITE(value)}
}`,
})

const REFUSE = "return Response.json({ error: 'Invalid' }, { status: 400 })"
const NOTHING = ['input-unvalidated', 'mass-assignment']
const OPEN = ['mass-assignment']

const VALIBOT = "import * as v from 'valibot'\nconst Post = v.object({ title: v.string() })"
const YUP = "import * as yup from 'yup'\nconst Post = yup.object({ title: yup.string().required() })"
const JOI = "import Joi from 'joi'\nconst Post = Joi.object({ title: Joi.string().required() })"
const ARKTYPE = "import { type } from 'arktype'\nconst Post = type({ title: 'string' })"
const CLOSED_ARKTYPE = ARKTYPE.replace("title: 'string'", "title: 'string', '+': 'delete'")
const TYPEBOX =
  "import { Type } from '@sinclair/typebox'\nimport { Value } from '@sinclair/typebox/value'\nimport { TypeCompiler } from '@sinclair/typebox/compiler'\nconst Post = Type.Object({ title: Type.String() }, { additionalProperties: false })"
const OPEN_TYPEBOX = TYPEBOX.replace(', { additionalProperties: false }', '')
const AJV =
  "import Ajv from 'ajv'\nconst check = new Ajv().compile({ type: 'object', properties: { title: { type: 'string' } }, required: ['title'], additionalProperties: false })"
const SUPERSTRUCT =
  "import { assert, create, is, mask, object, string, type, validate } from 'superstruct'\nconst Post = object({ title: string() })\nconst Loose = type({ title: string() })"
const CLASS =
  "import { plainToInstance } from 'class-transformer'\nimport { IsString, validate, validateOrReject } from 'class-validator'\nclass Post { @IsString() title: string }"

const caught = (check: string) => `let checked; try { checked = ${check} } catch { ${REFUSE} }`

describe('what a schema lets through is told as its library does it', () => {
  test.each<[string, string, string, string, string[]]>([
    ['valibot, safeParse', VALIBOT, `const r = v.safeParse(Post, body); if (!r.success) ${REFUSE}`, 'r.output', []],
    ['valibot, nobody asks how it went', VALIBOT, 'const r = v.safeParse(Post, body)', 'body', NOTHING],
    ['valibot, parse', VALIBOT, caught('v.parse(Post, body)'), 'checked', []],
    ['valibot, parse that nothing catches', VALIBOT, 'const r = v.parse(Post, body)', 'r', ['parse-throws']],
    ['valibot, a parser', VALIBOT, `const r = v.safeParser(Post)(body); if (!r.success) ${REFUSE}`, 'r.output', []],
    ['valibot, is', VALIBOT, `if (!v.is(Post, body)) ${REFUSE}`, 'body', []],
    [
      'valibot, a loose object',
      VALIBOT.replace('v.object', 'v.looseObject'),
      caught('v.parse(Post, body)'),
      'checked',
      OPEN,
    ],
    ['yup keeps what it does not name', YUP, caught('await Post.validate(body)'), 'checked', OPEN],
    ['yup, stripped', YUP, caught('await Post.validate(body, { stripUnknown: true })'), 'checked', []],
    ['yup, noUnknown', YUP.replace(/\)$/, ').noUnknown()'), caught('Post.validateSync(body)'), 'checked', []],
    ['yup, cast validates nothing', YUP, 'const made = Post.cast(body)', 'made', NOTHING],
    ['yup, isValid', YUP, `if (!(await Post.isValid(body))) ${REFUSE}`, 'body', OPEN],
    [
      'joi refuses what it does not name',
      JOI,
      `const { error, value } = Post.validate(body); if (error) ${REFUSE}`,
      'value',
      [],
    ],
    ['joi, nobody asks for the error', JOI, 'const { value } = Post.validate(body)', 'value', NOTHING],
    ['joi, unknown()', JOI.replace(/\)$/, ').unknown()'), caught('await Post.validateAsync(body)'), 'checked', OPEN],
    [
      'joi, allowUnknown',
      JOI,
      `const { error, value } = Post.validate(body, { allowUnknown: true }); if (error) ${REFUSE}`,
      'value',
      OPEN,
    ],
    ['joi, attempt', JOI, caught('Joi.attempt(body, Post)'), 'checked', []],
    [
      'arktype keeps what it does not name',
      ARKTYPE,
      `const out = Post(body); if (out instanceof type.errors) ${REFUSE}`,
      'out',
      OPEN,
    ],
    [
      'arktype, deleted',
      CLOSED_ARKTYPE,
      `const out = Post(body); if (out instanceof type.errors) ${REFUSE}`,
      'out',
      [],
    ],
    ['arktype, nobody asks what came out', CLOSED_ARKTYPE, 'const out = Post(body)', 'body', NOTHING],
    ['arktype, assert', CLOSED_ARKTYPE, caught('Post.assert(body)'), 'checked', []],
    ['typebox, Check', TYPEBOX, `if (!Value.Check(Post, body)) ${REFUSE}`, 'body', []],
    ['typebox keeps what it does not name', OPEN_TYPEBOX, `if (!Value.Check(Post, body)) ${REFUSE}`, 'body', OPEN],
    ['typebox, compiled', TYPEBOX, `if (!TypeCompiler.Compile(Post).Check(body)) ${REFUSE}`, 'body', []],
    [
      'typebox, cleaned',
      OPEN_TYPEBOX,
      `const r = Value.Clean(Post, body); if (!Value.Check(Post, r)) ${REFUSE}`,
      'r',
      [],
    ],
    ['typebox, errors', TYPEBOX, `const wrong = Value.Errors(Post, body); if (wrong.length > 0) ${REFUSE}`, 'body', []],
    ['ajv', AJV, `if (!check(body)) ${REFUSE}`, 'body', []],
    ['ajv, nobody asks', AJV, 'check(body)', 'body', NOTHING],
    [
      'ajv keeps what it does not name',
      AJV.replace(', additionalProperties: false', ''),
      `if (!check(body)) ${REFUSE}`,
      'body',
      OPEN,
    ],
    [
      'ajv, told to remove it',
      AJV.replace(', additionalProperties: false', '').replace('Ajv()', "Ajv({ removeAdditional: 'all' })"),
      `if (!check(body)) ${REFUSE}`,
      'body',
      [],
    ],
    [
      'superstruct refuses what it does not name',
      SUPERSTRUCT,
      `const [error, value] = validate(body, Post); if (error) ${REFUSE}`,
      'value',
      [],
    ],
    ['superstruct, type() keeps it', SUPERSTRUCT, caught('create(body, Loose)'), 'checked', OPEN],
    ['superstruct, a mask', SUPERSTRUCT, caught('mask(body, Loose)'), 'checked', []],
    ['superstruct, assert', SUPERSTRUCT, `try { assert(body, Post) } catch { ${REFUSE} }`, 'body', []],
    ['superstruct, is', SUPERSTRUCT, `if (!is(body, Loose)) ${REFUSE}`, 'body', OPEN],
    [
      'class-validator',
      CLASS,
      `const post = plainToInstance(Post, body); const wrong = await validate(post, { whitelist: true }); if (wrong.length > 0) ${REFUSE}`,
      'post',
      [],
    ],
    [
      'class-validator, by the length',
      CLASS,
      `const post = plainToInstance(Post, body); const wrong = await validate(post, { whitelist: true }); if (wrong.length) ${REFUSE}`,
      'post',
      [],
    ],
    [
      'class-validator, nobody asks',
      CLASS,
      'const post = plainToInstance(Post, body); await validate(post)',
      'post',
      NOTHING,
    ],
    [
      'class-validator keeps what has no decorator',
      CLASS,
      `const post = plainToInstance(Post, body); try { await validateOrReject(post) } catch { ${REFUSE} }`,
      'post',
      OPEN,
    ],
    [
      'class-transformer, only what is exposed',
      CLASS,
      `const post = plainToInstance(Post, body, { excludeExtraneousValues: true }); try { await validateOrReject(post) } catch { ${REFUSE} }`,
      'post',
      [],
    ],
  ])('%s', async (_, imports, check, value, expected) => {
    expect(await said(next(imports, check, value))).toEqual(expected)
  })
})

const express = (imports: string, row: string) => ({
  ...DB,
  'src/index.ts': `import express from 'express'
import { auth } from 'express-oauth2-jwt-bearer'
import { db } from '../lib/db'
${imports}
const app = express()
app.use(auth())
app.post('/posts', ${row})
app.listen(3000)`,
})

const KEEP = (data: string) => `async (req, res) => { await db.post.create({ data: ${data} }); res.sendStatus(201) }`
const CHAINS = "import { body, checkExact, checkSchema, matchedData, validationResult } from 'express-validator'"
const STOP =
  '(req, res, next) => { const errors = validationResult(req); if (!errors.isEmpty()) return res.status(400).json({}); next() }'
const CELEBRATE = "import { celebrate, Joi, Segments } from 'celebrate'"
const VALIDATE = `import Joi from 'joi'
import pick from 'lodash/pick.js'
const validate = (schema) => (req, res, next) => {
  const { value, error } = Joi.compile(pick(schema, ['body'])).validate(pick(req, Object.keys(schema)))
  if (error) return res.status(400).json({})
  next()
}`

describe('a validator that stands before a handler', () => {
  test.each<[string, string, string, string[]]>([
    [
      'chains, and somebody asks for what is wrong',
      CHAINS,
      `body('title').isString().notEmpty(), ${STOP}, ${KEEP('{ title: req.body.title }')}`,
      [],
    ],
    [
      'chains that nobody asks',
      CHAINS,
      `body('title').isString().notEmpty(), ${KEEP('{ title: req.body.title }')}`,
      ['input-unvalidated'],
    ],
    ['chains say nothing of other fields', CHAINS, `body('title').isString(), ${STOP}, ${KEEP('req.body')}`, OPEN],
    ['nothing else may be there', CHAINS, `checkExact([body('title').isString()]), ${STOP}, ${KEEP('req.body')}`, []],
    ['what the chains are about', CHAINS, `[body('title').isString()], ${STOP}, ${KEEP('matchedData(req)')}`, []],
    [
      'a schema of chains, thrown',
      CHAINS,
      `checkSchema({ title: { in: ['body'], isString: true } }), (req, res, next) => { try { validationResult(req).throw(); next() } catch { res.sendStatus(400) } }, ${KEEP('{ title: req.body.title }')}`,
      [],
    ],
    [
      'celebrate',
      CELEBRATE,
      `celebrate({ [Segments.BODY]: Joi.object({ title: Joi.string() }) }), ${KEEP('req.body')}`,
      [],
    ],
    [
      'celebrate of another part',
      CELEBRATE,
      `celebrate({ query: Joi.object({ page: Joi.number() }) }), ${KEEP('req.body')}`,
      NOTHING,
    ],
    [
      'celebrate that lets all keys through',
      CELEBRATE,
      `celebrate({ body: Joi.object({ title: Joi.string() }).unknown() }), ${KEEP('req.body')}`,
      OPEN,
    ],
    [
      'express-validation',
      "import { validate, Joi } from 'express-validation'",
      `validate({ body: Joi.object({ title: Joi.string() }) }, {}, {}), ${KEEP('req.body')}`,
      [],
    ],
    [
      'zod-express-middleware',
      "import { z } from 'zod'\nimport { validateRequest } from 'zod-express-middleware'",
      `validateRequest({ body: z.object({ title: z.string() }) }), ${KEEP('{ title: req.body.title }')}`,
      [],
    ],
    [
      'zod-express-middleware of another part',
      "import { z } from 'zod'\nimport { validateRequestQuery } from 'zod-express-middleware'",
      `validateRequestQuery(z.object({ page: z.string() })), ${KEEP('{ title: req.body.title }')}`,
      ['input-unvalidated'],
    ],
    [
      'a function of zod for the parts that have a schema',
      `import { z } from 'zod'
const validate = (parts) => async (req, res, next) => {
  try {
    if (parts.body) req.body = await parts.body.parseAsync(req.body)
    if (parts.query) req.query = await parts.query.parseAsync(req.query)
    next()
  } catch (error) { next(error) }
}`,
      `validate({ body: z.object({ title: z.string() }) }), ${KEEP('{ title: req.body.title }')}`,
      [],
    ],
    [
      'a function of zod for another part',
      `import { z } from 'zod'
const validate = (parts) => async (req, res, next) => {
  if (parts.body) req.body = await parts.body.parseAsync(req.body)
  if (parts.query) req.query = await parts.query.parseAsync(req.query)
  next()
}`,
      `validate({ query: z.object({ page: z.string() }) }), ${KEEP('{ title: req.body.title }')}`,
      ['input-unvalidated'],
    ],
    [
      'a function of joi of which it can’t be followed what it is about',
      VALIDATE,
      `validate({ body: Joi.object({ title: Joi.string() }) }), ${KEEP('req.body')}`,
      [],
    ],
  ])('%s', async (_, imports, row, expected) => {
    expect(await said(express(imports, row))).toEqual(expected)
  })

  test.each<[string, string, string, string[]]>([
    [
      'zod',
      "import { z } from 'zod'\nimport { zValidator } from '@hono/zod-validator'",
      "zValidator('json', z.object({ title: z.string() }))",
      [],
    ],
    [
      'zod, a loose object',
      "import { z } from 'zod'\nimport { zValidator } from '@hono/zod-validator'",
      "zValidator('json', z.looseObject({ title: z.string() }))",
      OPEN,
    ],
    [
      'valibot',
      "import * as v from 'valibot'\nimport { vValidator } from '@hono/valibot-validator'",
      "vValidator('json', v.object({ title: v.string() }))",
      [],
    ],
    [
      'valibot, a loose object',
      "import * as v from 'valibot'\nimport { sValidator } from '@hono/standard-validator'",
      "sValidator('json', v.looseObject({ title: v.string() }))",
      OPEN,
    ],
    [
      'typebox',
      "import Type from 'typebox'\nimport { tbValidator } from '@hono/typebox-validator'",
      "tbValidator('json', Type.Object({ title: Type.String() }))",
      OPEN,
    ],
    [
      'arktype',
      "import { type } from 'arktype'\nimport { arktypeValidator } from '@hono/arktype-validator'",
      "arktypeValidator('json', type({ title: 'string', '+': 'reject' }))",
      [],
    ],
  ])('of Hono, by %s', async (_, imports, validator, expected) => {
    const files = {
      ...DB,
      'src/index.ts': `import { Hono } from 'hono'
import { bearerAuth } from 'hono/bearer-auth'
import { db } from '../lib/db'
${imports}
const app = new Hono()
app.use(bearerAuth({ token: process.env.TOKEN! }))
app.post('/posts', ${validator}, async (c) => { await db.post.create({ data: c.req.valid('json') }); return c.body(null, 201) })
export default app`,
    }
    expect(await said(files)).toEqual(expected)
  })
})

test.each([
  ["import { createEnv } from '@t3-oss/env-nextjs'\nconst env = createEnv({ server: {} })"],
  ["import { cleanEnv, str } from 'envalid'\nconst env = cleanEnv(process.env, { CRON_SECRET: str() })"],
  ["import { z } from 'zod'\nconst env = z.object({ CRON_SECRET: z.string() }).parse(process.env)"],
])('a secret out of a checked environment is one of the server’s: %s', async (imports) => {
  const files = (check: string) => ({
    ...DB,
    'app/api/clean/route.ts': `import { db } from '../../../lib/db'
${imports}
export async function POST(request: Request) {
  ${check}
  await db.session.deleteMany({ where: { expired: true } })
  return Response.json({})
}`,
  })
  const rules = async (check: string) => (await audit(treeOf(files(check)), RULEBOOK)).findings.map(({ rule }) => rule)
  const asked =
    "if (request.headers.get('authorization') !== `Bearer ${env.CRON_SECRET}`) return new Response(null, { status: 401 })"
  expect(await rules(asked)).not.toContain('auth-missing')
  expect(await rules('console.info(env.CRON_SECRET.length)')).toContain('auth-missing')
})
