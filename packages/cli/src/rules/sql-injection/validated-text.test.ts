import { expect, test } from 'vitest'
import { audit } from '../../audit.js'
import { treeOf } from '../../facts/source/read-tree.js'
import { RULEBOOK } from '../rulebook.js'

async function saidOf(imports: string, schema: string, parse: string, statement: string): Promise<string[]> {
  const code = `import { PrismaClient } from '@prisma/client'
import { drizzle } from 'drizzle-orm/node-postgres'
import { sql } from 'drizzle-orm'
${imports}
const prisma = new PrismaClient()
const db = drizzle('postgres://')
const Query = ${schema}
export async function POST(request: Request) {
  const sent = await request.json()
  const body = ${parse}
  return Response.json(await ${statement})
}`
  const { findings } = await audit(treeOf({ 'app/api/posts/route.ts': code }), RULEBOOK)
  return findings.flatMap(({ rule, confidence }) => (rule === 'sql-injection' ? [confidence] : []))
}

const ZOD = ["import { z } from 'zod'", 'Query.parse(sent)'] as const
const VALIBOT = ["import * as v from 'valibot'", 'v.parse(Query, sent)'] as const
const YUP = ["import * as yup from 'yup'", 'await Query.validate(sent)'] as const
const TYPEBOX = [
  "import { Type } from '@sinclair/typebox'\nimport { Value } from '@sinclair/typebox/value'",
  'Value.Parse(Query, sent)',
] as const
const SUPERSTRUCT = [
  "import { create, enums, object, size, string } from 'superstruct'",
  'create(sent, Query)',
] as const
const JOI = ["import Joi from 'joi'", 'Joi.attempt(sent, Query)'] as const
const ARKTYPE = ["import { type } from 'arktype'", 'Query.assert(sent)'] as const

const UNSAFE = "prisma.$queryRawUnsafe(`select * from posts where title = '${body.text}'`)"

test.each([
  [ZOD, 'z.object({ text: z.string() })'],
  [ZOD, 'z.object({ text: z.string().trim().min(1).max(80).optional() })'],
  [ZOD, 'z.object({ text: z.email() })'],
  [ZOD, 'z.object({ text: z.string() }).strict()'],
  [VALIBOT, 'v.object({ text: v.pipe(v.string(), v.maxLength(9)) })'],
  [YUP, 'yup.object({ text: yup.string().required() })'],
  [TYPEBOX, 'Type.Object({ text: Type.String({ maxLength: 9 }) })'],
  [SUPERSTRUCT, 'object({ text: size(string(), 1, 9) })'],
  [JOI, 'Joi.object({ text: Joi.string().max(9).required() })'],
  [ARKTYPE, "type({ text: 'string' })"],
])('a text that a schema has let through is any text: %s %s', async ([imports, parse], schema) => {
  expect(await saidOf(imports, schema, parse, UNSAFE)).toEqual(['high'])
})

test.each([
  [ZOD, "z.object({ text: z.enum(['a', 'b']) })"],
  [ZOD, 'z.object({ text: z.string().uuid() })'],
  [ZOD, 'z.object({ text: z.string().regex(/^[a-z]+$/) })'],
  [ZOD, "z.object({ text: z.union([z.literal('a'), z.literal('b')]) })"],
  [ZOD, 'z.object({ text: z.number() })'],
  [ZOD, 'z.object({ text: z.string().transform(Number) })'],
  [ZOD, 'z.object({ text: z.string().refine((text) => /^[a-z]+$/.test(text)) })'],
  [ZOD, 'z.object({ text: z.string() }).transform(narrowed)'],
  [VALIBOT, 'v.object({ text: v.pipe(v.string(), v.uuid()) })'],
  [YUP, "yup.object({ text: yup.string().oneOf(['a', 'b']) })"],
  [TYPEBOX, "Type.Object({ text: Type.String({ pattern: '^[a-z]+$' }) })"],
  [SUPERSTRUCT, "object({ text: enums(['a', 'b']) })"],
  [JOI, "Joi.object({ text: Joi.string().valid('a', 'b') })"],
  [ARKTYPE, "type({ text: 'string.uuid' })"],
])('what a schema narrows, or what can not be read of it, is not told: %s %s', async ([imports, parse], schema) => {
  expect(await saidOf(imports, schema, parse, UNSAFE)).toEqual([])
})

test.each([
  ['db.execute(sql.raw(`select * from posts order by ${body.text}`))', ['high']],
  ['db.execute(sql`select * from posts order by ${sql.raw(body.text)}`)', ['high']],
  ['db.execute(sql`select * from posts where title = ${body.text}`)', []],
])('what sql.raw puts into a statement is not bound: %s', async (statement, told) => {
  expect(await saidOf(...([ZOD[0], 'z.object({ text: z.string() })', ZOD[1]] as const), statement)).toEqual(told)
})
