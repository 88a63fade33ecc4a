import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { FormEntries } from '../http/form-entries.js'
import { patchOf } from '../patch-of.js'
import { formValue } from './form-value.js'

const entries = (...pairs: [string, string][]): FormEntries => {
  const made = new Map<string, string[]>()
  for (const [name, value] of pairs) made.set(name, [...(made.get(name) ?? []), value])
  return made
}
const read = (schema: z.ZodType, ...pairs: [string, string][]) => formValue(entries(...pairs), schema)
const one = async (field: z.ZodType, ...texts: string[]) => {
  const value = await read(z.object({ x: field }), ...texts.map((text): [string, string] => ['x', text]))
  return (value as { x?: unknown }).x
}

describe('a text becomes what its field is', () => {
  test.each([
    ['a number', z.number(), '12.5', 12.5],
    ['a number with spaces', z.number(), ' 7 ', 7],
    ['a whole number', z.int(), '-3', -3],
    ['a coerced number', z.coerce.number(), '1e3', 1000],
    ['a number inside what wraps it', z.number().min(1).optional().default(3), '4', 4],
    ['no number', z.number(), '12px', '12px'],
    ['a number in another notation', z.number(), '0x10', '0x10'],
    ['endless', z.number(), 'Infinity', 'Infinity'],
    ['a large number', z.bigint(), '9223372036854775807', 9223372036854775807n],
    ['a ticked box', z.boolean(), 'on', true],
    ['a box that says so', z.boolean(), 'true', true],
    ['a box that is off', z.boolean(), 'false', false],
    ['a box that must be ticked', z.literal(true), 'on', true],
    ['no box', z.boolean(), 'maybe', 'maybe'],
    ['a day', z.date(), '2026-01-31', new Date('2026-01-31T00:00:00Z')],
    ['a time without a zone', z.date(), '2026-01-31T10:30', new Date('2026-01-31T10:30:00Z')],
    ['an instant', z.coerce.date(), '2026-01-31T10:30:00.123+02:00', new Date('2026-01-31T08:30:00.123Z')],
    ['a day that there is not', z.date(), '2026-02-31', '2026-02-31'],
    ['no day', z.date(), 'tomorrow', 'tomorrow'],
    ['a text', z.string(), '12', '12'],
    ['a choice', z.enum(['a', 'b']), 'a', 'a'],
    ['one of several kinds', z.union([z.string(), z.number()]), '12', '12'],
    ['what is transformed', z.string().transform(Number), '12', '12'],
  ])('%s', async (_name, field, text, expected) => expect(await one(field, text)).toEqual(expected))
})

describe('an empty text', () => {
  test.each([
    ['is empty where a text must be', z.string(), ''],
    ['is empty where it may be', z.string().optional(), ''],
    ['is not there where it may be absent and not be empty', z.email().optional(), undefined],
    ['is null where that is allowed', z.string().nullable(), null],
    ['is no number', z.number(), undefined],
    ['is not zero', z.coerce.number(), undefined],
    ['is no day', z.coerce.date(), undefined],
    ['is no choice', z.enum(['a']).optional(), undefined],
  ])('%s', async (_name, field, expected) => expect(await one(field, '')).toEqual(expected))

  test('is meant where a row is changed: the schema then refuses it', async () => {
    const schema = patchOf(z.object({ title: z.string().min(1) }))
    expect(await formValue(entries(['title', '']), schema, true)).toEqual({ title: '' })
  })
})

describe('what is not sent', () => {
  test.each([
    ['a box that is not ticked', z.boolean(), false],
    ['one that must be', z.literal(true), false],
    ['one that may be absent', z.boolean().optional(), undefined],
    ['a list', z.array(z.string()), []],
    ['a list that may be absent', z.array(z.string()).optional(), undefined],
    ['a text', z.string(), undefined],
    ['an object that may be absent', z.object({ a: z.boolean() }).optional(), undefined],
  ])('%s', async (_name, field, expected) => expect(await one(field)).toEqual(expected))
})

describe('several', () => {
  test('of one name are a list, each of its kind', async () => {
    expect(await one(z.array(z.number()), '1', '2')).toEqual([1, 2])
    expect(await one(z.array(z.enum(['a', 'b'])), 'a')).toEqual(['a'])
  })

  test('where one is meant are left for the schema to refuse', async () => {
    expect(await one(z.string(), 'a', 'b')).toEqual(['a', 'b'])
    expect(z.object({ x: z.string() }).safeParse({ x: await one(z.string(), 'a', 'b') }).success).toBe(false)
  })
})

const Order = z.object({
  address: z.object({ street: z.string(), floor: z.number().optional() }),
  items: z.array(z.object({ name: z.string(), count: z.number() })),
})

test('objects and lists of them are told by dots', async () => {
  const value = await read(
    Order,
    ['address.street', 'Main'],
    ['address.floor', '3'],
    ['items.10.name', 'b'],
    ['items.10.count', '2'],
    ['items.2.name', 'a'],
    ['items.2.count', '1'],
  )
  expect(value).toEqual({
    address: { street: 'Main', floor: 3 },
    items: [
      { name: 'a', count: 1 },
      { name: 'b', count: 2 },
    ],
  })
})

test.each([
  ['an index that is none', ['items.__proto__.name', 'x']],
  ['an index without end', ['items.99999999.name', 'x']],
  ['a field below a text', ['address.street.x', 'x']],
  ['a prototype below an object', ['address.__proto__', 'x']],
] as [string, [string, string]][])('%s makes nothing', async (_name, pair) => {
  const value = (await read(Order, ['address.street', 'Main'], pair)) as z.infer<typeof Order>
  expect(value.items).toEqual([])
  expect(Object.getPrototypeOf(value.address)).toBe(Object.prototype)
  expect(value.address.street).toBe('Main')
})

test('what is not declared goes along as text, for the schema to judge', async () => {
  const strict = z.strictObject({ a: z.string() })
  expect(await read(strict, ['a', '1'], ['b', '2'])).toEqual({ a: '1', b: '2' })
  expect(strict.safeParse(await read(strict, ['a', '1'], ['b', '2'])).success).toBe(false)
  expect(z.object({ a: z.string() }).parse(await read(strict, ['a', '1'], ['b', '2']))).toEqual({ a: '1' })
})

test('a rule over several fields, and a patch, are seen through', async () => {
  const ruled = z.object({ n: z.number() }).refine(({ n }) => n > 0)
  expect(await read(ruled, ['n', '1'])).toEqual({ n: 1 })
  expect(await read(patchOf(z.object({ n: z.number() })), ['n', '1'])).toEqual({ n: 1 })
})

/** As valibot 1 makes them (library/src/schemas), as far as is looked at. */
const looks = (type: string, more: object = {}) => ({
  kind: 'schema',
  type,
  '~standard': { version: 1, vendor: 'valibot', validate: (value: unknown) => ({ value }) },
  ...more,
})

test('valibot’s schemas tell as much', async () => {
  const number = looks('number')
  const schema = looks('object', {
    entries: {
      n: { ...number, pipe: [number, { kind: 'validation', type: 'min_value' }] },
      at: looks('optional', { wrapped: looks('date') }),
      ok: looks('boolean'),
      tags: looks('array', { item: looks('string') }),
      note: looks('nullable', { wrapped: looks('string') }),
    },
  })
  const value = await formValue(entries(['n', '1'], ['at', '2026-01-31'], ['tags', 'a'], ['note', '']), schema as never)
  expect(value).toEqual({ n: 1, at: new Date('2026-01-31T00:00:00Z'), ok: false, tags: ['a'], note: null })
})

test('another library’s schema gets texts', async () => {
  const schema = { '~standard': { version: 1, vendor: 'own', validate: (value: unknown) => ({ value }) } } as const
  expect(await formValue(entries(['n', '1'], ['t', 'a'], ['t', 'b']), schema)).toEqual({ n: '1', t: ['a', 'b'] })
})

describe('whether a text may be empty is asked', () => {
  const unheard: unknown[] = []
  const listen = (error: unknown) => void unheard.push(error)
  beforeEach(() => void process.on('unhandledRejection', listen))
  afterEach(() => {
    process.off('unhandledRejection', listen)
    unheard.length = 0
  })

  test.each([
    ['that it may', async () => true, ''],
    ['that it may not', async () => false, undefined],
    ['nothing, as its database is away', () => Promise.reject(new Error('away')), undefined],
  ])('of a schema that waits and says %s, and nothing goes unheard', async (_name, look, expected) => {
    expect(await one(z.string().refine(look).optional(), '')).toBe(expected)
    // Node tells of rejections that nobody hears when a turn of the event loop is over.
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(unheard).toEqual([])
  })

  test('of another library’s', async () => {
    const late = looks('string', { '~standard': { validate: () => Promise.reject(new Error('late')) } })
    const schema = looks('object', { entries: { x: looks('optional', { wrapped: late }) } })
    expect(await formValue(entries(['x', '']), schema as never)).toEqual({})
  })
})
