import { sql } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { alice, bob, onEachDriver, once } from '../../../../test/support/drivers.js'
import { type ProblemCode, problem, problems } from '../problems.js'
import { problemOfDatabaseError, problemsOfSqlState } from './errors.js'
import { DatabaseUnreachable } from './unreachable.js'

onEachDriver(({ connect }) => {
  const refusals: [string, string, unknown[], ProblemCode | undefined][] = [
    ['a value that is taken', "insert into notes (body) values ('taken')", [], 'conflict'],
    ['a check that fails', "insert into notes (body) values ('')", [], 'unprocessable'],
    ['a missing value', 'insert into notes (body) values (null)', [], 'unprocessable'],
    ['no number', 'select $1::int', ['abc'], 'unprocessable'],
    ['a number out of range', 'select $1::int', ['99999999999'], 'unprocessable'],
    ['no date', 'select $1::date', ['31 February'], 'unprocessable'],
    ['a NUL byte', 'select $1::text', ['a\0b'], 'unprocessable'],
    ["another owner's row", "insert into notes (owner_id, body) values ('bob', 'given')", [], 'forbidden'],
    ['a table without a grant', 'select * from pg_authid', [], 'forbidden'],
    ['a lock that is not waited for', "do $$ begin raise exception using errcode = '55P03'; end $$", [], 'unavailable'],
    ['a serialization failure', "do $$ begin raise exception using errcode = '40001'; end $$", [], 'unavailable'],
    ['a mistake of ours in SQL', 'selec 1', [], undefined],
    ['a table that is not there', 'select * from nowhere', [], undefined],
  ]
  test.each(refusals)('%s', async (_, text, values, code) => {
    const db = connect()
    await once(db, bob, "insert into notes (body) values ('taken') on conflict do nothing")
    const error = await once(db, alice, text, values).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(Error)
    const told = problemOfDatabaseError(error)
    // Not a word of PostgreSQL's: the detail of a unique violation quotes another owner's value.
    const seen = told && { code: told.code, message: told.message, detail: told.detail, headers: told.headers }
    const headers = code === 'unavailable' ? { 'retry-after': '1' } : {}
    expect(seen).toEqual(code && { code, message: problems[code].title, detail: undefined, headers })
  })

  test('Drizzle wraps the error, and it is still recognised', async () => {
    const twice = connect()
      .service('tests')
      .execute(sql`insert into notes (owner_id, body) values ('a', 'x'), ('a', 'x')`)
    expect(problemOfDatabaseError(await twice.catch((error: unknown) => error))?.code).toBe('conflict')
  })
})

test('a problem stays what it is, a database that is away is unavailable, anything else is not for the client', () => {
  const own = problem('conflict', 'This invoice has been sent already')
  expect(problemOfDatabaseError(own)).toBe(own)
  expect(problemOfDatabaseError(new DatabaseUnreachable('away', 'wait'))?.code).toBe('unavailable')
  expect(problemOfDatabaseError(new Error('Connection terminated unexpectedly'))?.code).toBe('unavailable')
  expect(problemOfDatabaseError(Object.assign(new Error('not from PostgreSQL'), { code: '23505' }))).toBeUndefined()
  expect(problemOfDatabaseError('a string')).toBeUndefined()
})

test('every code of the table is a problem', () => {
  for (const code of Object.values(problemsOfSqlState)) expect(problems).toHaveProperty(code)
})
