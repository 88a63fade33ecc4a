import type { StandardSchemaV1 } from '@standard-schema/spec'
import * as fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { env } from './env.js'

const Environment = z.object({
  PAYMENT_KEY: z.string().min(20),
  WORKERS: z.coerce.number().int().min(1).default(2),
  MAIL_FROM: z.email().optional(),
})
const KEY = 'key_0123456789abcdef'

afterEach(() => void vi.unstubAllEnvs())

function refusalOf(schema: StandardSchemaV1<unknown, object>, source: Record<string, string | undefined>) {
  try {
    env(schema, { source })
  } catch (error) {
    return error as Error & { readonly hint?: string }
  }
  throw new Error('It was not refused')
}

describe('an environment that fits', () => {
  test('is the typed value of its schema, with what is declared and no more', () => {
    const settings = env(Environment, { source: { PAYMENT_KEY: KEY, WORKERS: '4', PATH: '/bin' } })
    expect(settings).toEqual({ PAYMENT_KEY: KEY, WORKERS: 4 })
    expect(settings.WORKERS satisfies number).toBe(4)
  })

  test('can’t be changed afterwards, nor what is inside', () => {
    const Lists = z.object({ HOSTS: z.string().transform((text) => ({ names: text.split(',') })) })
    const settings = env(Lists, { source: { HOSTS: 'a,b' } })
    expect([settings, settings.HOSTS, settings.HOSTS.names].map(Object.isFrozen)).toEqual([true, true, true])
  })

  test('holds nothing where it holds an empty text, so that defaults apply and options stay out', () => {
    const source = { PAYMENT_KEY: KEY, WORKERS: '', MAIL_FROM: '' }
    expect(env(Environment, { source })).toEqual({ PAYMENT_KEY: KEY, WORKERS: 2 })
  })

  test('is read from the process at the call, not before', () => {
    vi.stubEnv('PAYMENT_KEY', KEY)
    expect(env(Environment).PAYMENT_KEY).toBe(KEY)
    vi.stubEnv('PAYMENT_KEY', '')
    expect(() => env(Environment)).toThrow('PAYMENT_KEY is not set')
  })
})

describe('an environment that does not fit', () => {
  test('is told with everything that is wrong, in one sentence with a hint', () => {
    const refusal = refusalOf(Environment, { WORKERS: 'many', MAIL_FROM: 'nobody' })
    expect(refusal.message).toBe(
      'The environment is not what this program needs: PAYMENT_KEY is not set; ' +
        'WORKERS: Invalid input: expected number, received NaN; MAIL_FROM: Invalid email address',
    )
    expect(refusal.hint).toMatch(/environment.*\.env$/)
  })

  test('says of a variable that is not set why a rule needs it', () => {
    const Either = Environment.partial().refine((value) => value.MAIL_FROM, {
      path: ['MAIL_FROM'],
      error: 'the receipts need a sender.',
    })
    expect(refusalOf(Either, {}).message).toMatch(/MAIL_FROM is not set: the receipts need a sender$/)
  })

  test('is not told by the names of everything else that the machine has', () => {
    const refusal = refusalOf(z.strictObject({}), { HOME: '/root', OTHER_SECRET: KEY })
    expect(refusal.message).toMatch(/: the schema refuses unknown names.*z\.object\(\)$/)
  })

  test('an asynchronous rule is refused, whatever it would say', () => {
    const Late = z.object({ A: z.string().refine(async () => true) })
    expect(() => env(Late, { source: { A: 'x' } })).toThrow('answers at once')
    const broken = { version: 1, vendor: 'x', validate: async () => Promise.reject(new Error('late')) } as const
    expect(() => env({ '~standard': broken }, { source: {} })).toThrow('answers at once')
  })

  test('a schema of something else than an object is refused', () => {
    expect(() => env(z.any(), { source: {} })).not.toThrow()
    expect(() => env(z.any().transform(() => 'text') as never, { source: {} })).toThrow('schema of an object')
  })
})

/** A library that quotes what it was given, as valibot and arktype do, and in the ways that rules of one's own do. */
const quoting = (quote: (value: string) => string): StandardSchemaV1<unknown, object> => ({
  '~standard': {
    version: 1,
    vendor: 'quoting',
    validate: (value) => {
      const { SECRET = '' } = value as Record<string, string>
      return { issues: [{ message: `Invalid: received ${quote(SECRET)}`, path: [{ key: 'SECRET' }] }] }
    },
  },
})

describe('what a variable holds is never told', () => {
  test.each<[string, (value: string) => string]>([
    ['as it is', (value) => value],
    ['as JSON', (value) => JSON.stringify(value)],
    ['in other letters', (value) => value.toUpperCase()],
    ['in part', (value) => new URL(value).password],
    ['twice', (value) => `${value}, ${value}`],
  ])('where the schema quotes it %s', (_, quote) => {
    const refusal = refusalOf(quoting(quote), { SECRET: 'postgres://me:Hunter$2word@db/x' })
    expect(`${refusal.message} ${refusal.hint} ${refusal.stack}`).not.toMatch(/hunter|2word/i)
    expect(refusal.message).toContain('SECRET: Invalid: received')
  })

  test('nor what another one holds', () => {
    const Pair = z.object({ A: z.string(), B: z.string() }).refine((value) => value.A === value.B, {
      path: ['A'],
      error: (issue) => `differs from ${(issue.input as { B: string }).B}`,
    })
    expect(refusalOf(Pair, { A: 'x', B: 'long-secret-word' }).message).toMatch(/A: differs from …$/)
  })

  test('whatever it is: 500 texts that a schema repeats', () => {
    const value = fc.string({ unit: 'grapheme', minLength: 4, maxLength: 40 }).filter((text) => /^\S{4,}$/.test(text))
    fc.assert(
      fc.property(value, (text) => {
        const { message } = refusalOf(
          quoting((own) => `<${own}>`),
          { SECRET: text },
        )
        expect(message).toMatch(/received <…>$/)
      }),
      { numRuns: 500 },
    )
  })

  test('and a short one leaves the words around it readable', () => {
    const Port = z.object({ PORT: z.coerce.number().min(10) })
    expect(refusalOf(Port, { PORT: '1' }).message).toMatch(/PORT: Too small: expected number to be >=10$/)
  })
})
