import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { patchOf } from './patch-of.js'

const accepts = (schema: z.ZodType, patch: unknown) => schema.parse(patch)
const refusal = (schema: z.ZodType, patch: unknown) => schema.safeParse(patch).error?.issues[0]?.message

describe('a PATCH of one field leaves the others alone', () => {
  it.each([
    ['a default', z.string().default('EUR')],
    ['a default that is made afresh', z.string().default(() => 'EUR')],
    ['a prefault', z.string().prefault('EUR')],
    ['a default under optional', z.string().default('EUR').optional()],
    ['a default under nullable', z.string().default('EUR').nullable()],
    ['a default under readonly', z.string().default('EUR').readonly()],
    ['a default under nullable, readonly and optional', z.string().default('EUR').nullable().readonly().optional()],
    ['a default under nonoptional', z.string().default('EUR').nonoptional()],
    ['a catch', z.string().catch('EUR')],
    ['a default under a catch', z.string().default('EUR').catch('USD')],
    ['a coerced field, which makes text of anything', z.coerce.string()],
    ['a coerced boolean, which makes false of nothing', z.coerce.boolean()],
    ['a transformation', z.string().transform((text) => text.trim())],
    [
      'a transformation with a default behind it',
      z
        .string()
        .transform((text) => text.trim())
        .default('EUR'),
    ],
    ['a transformation that fills nothing in by itself', z.any().transform((value) => value ?? 'EUR')],
  ])('with %s', (_, currency) => {
    const schema = z.object({ number: z.string(), currency })
    expect(accepts(patchOf(schema), { number: 'R-1' })).toEqual({ number: 'R-1' })
  })

  it('while zod’s own partial() resets them', () => {
    const schema = z.object({ number: z.string(), currency: z.string().default('EUR') })
    expect(accepts(schema.partial(), { number: 'R-1' })).toEqual({ number: 'R-1', currency: 'EUR' })
  })
})

describe('what was sent is checked as ever', () => {
  const schema = patchOf(
    z.object({
      number: z.string().min(2),
      note: z.string().default('none').nullable(),
      status: z.enum(['draft', 'sent']).catch('draft'),
      dueAt: z.iso
        .datetime()
        .transform((text) => new Date(text))
        .optional(),
    }),
  )

  it('a field keeps its rule', () => {
    expect(refusal(schema, { number: 'R' })).toMatch(/>=2/)
  })

  it('null clears a field that may be null, and no other', () => {
    expect(accepts(schema, { note: null })).toEqual({ note: null })
    expect(schema.safeParse({ number: null }).success).toBe(false)
  })

  it('a wrong value is refused, and not replaced by what catch() would put there', () => {
    expect(schema.safeParse({ status: 'lost' }).success).toBe(false)
  })

  it('a transformation still transforms', () => {
    expect(accepts(schema, { dueAt: '2026-01-31T12:00:00Z' })).toEqual({ dueAt: new Date('2026-01-31T12:00:00Z') })
  })

  it('a field that is an object is one value, replaced whole', () => {
    const address = z.object({ city: z.string(), country: z.string().default('DE') })
    expect(accepts(patchOf(z.object({ address })), { address: { city: 'Ulm' } })).toEqual({
      address: { city: 'Ulm', country: 'DE' },
    })
  })
})

describe('a patch that changes nothing is refused', () => {
  const said = 'Send at least one field to change'

  it.each([
    ['an empty one', z.object({ number: z.string() }), {}],
    ['one of unknown keys only', z.object({ number: z.string() }), { colour: 'red' }],
    ['one of unknown keys only, where these are let through', z.looseObject({ number: z.string() }), { colour: 'red' }],
    ['one whose only field is undefined', z.object({ number: z.string() }), { number: undefined }],
    ['one that names __proto__', z.object({ number: z.string() }), JSON.parse('{"__proto__":{"number":"R-1"}}')],
  ])('%s', (_, schema, patch) => {
    expect(refusal(patchOf(schema), patch)).toBe(said)
  })
})

describe('unknown keys are treated as the schema treats them', () => {
  const patch = { number: 'R-1', ownerId: 'bob' }

  it('dropped by an object', () => {
    expect(accepts(patchOf(z.object({ number: z.string() })), patch)).toEqual({ number: 'R-1' })
  })

  it('refused by a strict one', () => {
    expect(patchOf(z.strictObject({ number: z.string() })).safeParse(patch).success).toBe(false)
  })

  it('kept by a loose one', () => {
    expect(accepts(patchOf(z.looseObject({ number: z.string() })), patch)).toEqual(patch)
  })

  it('checked where the schema says what they are', () => {
    const schema = patchOf(z.object({ number: z.string() }).catchall(z.number()))
    expect(accepts(schema, { number: 'R-1', extra: 1 })).toEqual({ number: 'R-1', extra: 1 })
    expect(schema.safeParse(patch).success).toBe(false)
  })
})

it('what is undefined was not sent, and is not there', () => {
  const patch = patchOf(z.object({ number: z.string(), note: z.string().nullable() }))
  expect(Object.keys(accepts(patch, { number: 'R-1', note: undefined }) as object)).toEqual(['number'])
  expect(accepts(patch, { note: null })).toEqual({ note: null })
  expect(refusal(patch, { number: undefined })).toBe('Send at least one field to change')
})

describe('what can’t be patched safely is refused when it is defined', () => {
  it.each([
    [
      'a transformation',
      z
        .string()
        .default('eur')
        .transform((text) => text.toUpperCase()),
    ],
    [
      'an asynchronous one',
      z
        .string()
        .default('eur')
        .transform(async (text) => text.toUpperCase()),
    ],
    ['a pipe', z.string().default('1').pipe(z.coerce.number())],
  ])('a default in front of %s', (_, currency) => {
    expect(() => patchOf(z.object({ currency }))).toThrow(
      `patchOf() can't take the default out of "currency": put .default() last`,
    )
  })

  it('a rule over several fields, which would be lost without a word', () => {
    const period = z.object({ from: z.string(), until: z.string() }).refine(({ from, until }) => from < until)
    expect(() => patchOf(period)).toThrow('patchOf() would lose the .refine() of this object')
  })
})
