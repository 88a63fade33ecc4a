import { describe, expect, test } from 'vitest'
import { refusalOf } from '../stages/respond.js'
import { problemOfDatabaseError } from './errors.js'

const prisma = (code: string) =>
  Object.assign(new Error('Unique constraint failed on the fields: (`email`)'), {
    name: 'PrismaClientKnownRequestError',
    code,
    meta: { target: ['email'], value: 'other@example.com' },
  })
const postgrest = (code: string, details = 'Key (email)=(other@example.com) already exists.') => ({
  code,
  details,
  hint: null,
  message: 'duplicate key value violates unique constraint "users_email_key"',
})
const asError = (fields: object) => Object.assign(new Error('of PostgREST'), { name: 'PostgrestError' }, fields)
const fromPostgres = (code: string) => Object.assign(new Error('of PostgreSQL'), { severity: 'ERROR', code })

describe('what the clients of others throw is told as what it is', () => {
  test.each([
    ['Prisma: unique', prisma('P2002'), 'conflict'],
    ['Prisma: foreign key', prisma('P2003'), 'unprocessable'],
    ['Prisma: no row to change', prisma('P2025'), 'not-found'],
    ['Prisma: too long', prisma('P2000'), 'unprocessable'],
    ['Prisma: no connection is free', prisma('P2024'), 'unavailable'],
    [
      'Prisma: could not connect',
      Object.assign(new Error(), { name: 'PrismaClientInitializationError' }),
      'unavailable',
    ],
    ['supabase-js: error, as it answers it', postgrest('23505'), 'conflict'],
    ['supabase-js: foreign key', postgrest('23503'), 'unprocessable'],
    ['supabase-js: row-level security', postgrest('42501'), 'forbidden'],
    ['supabase-js: as it throws it', asError(postgrest('23505')), 'conflict'],
    ['supabase-js: single() of none', postgrest('PGRST116', 'The result contains 0 rows'), 'not-found'],
    ['Drizzle, Kysely, TypeORM: by its cause', new Error('Failed query', { cause: fromPostgres('23505') }), 'conflict'],
    ['wrapped twice', new Error('a', { cause: new Error('b', { cause: prisma('P2002') }) }), 'conflict'],
  ])('%s', (_, error, code) => {
    expect(problemOfDatabaseError(error)?.code).toBe(code)
    const refusal = refusalOf(error)
    expect(refusal.detail).toBeUndefined()
    expect(JSON.stringify({ ...refusal, message: refusal.message })).not.toMatch(/other@|email|constraint/)
  })

  test.each([
    ['a code of Prisma that is a mistake of ours', prisma('P2009')],
    ['a code that looks like Prisma’s', Object.assign(new Error(), { code: 'P2002' })],
    ['a code that looks like PostgreSQL’s', Object.assign(new Error(), { code: '23505' })],
    ['single() of many', postgrest('PGRST116', 'The result contains 2 rows')],
    ['a token that PostgREST refuses', postgrest('PGRST301')],
    ['a text', '23505'],
    ['nothing', undefined],
  ])('%s is internal', (_, error) => {
    expect(problemOfDatabaseError(error)).toBeUndefined()
    expect(refusalOf(error).code).toBe('internal')
  })
})
