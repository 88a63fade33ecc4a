import { expect, test } from 'vitest'
import { splitStatements } from './split-statements.js'

const texts = (sql: string) => splitStatements(sql).map((statement) => statement.text)

test('a semicolon ends a statement, and the last needs none', () => {
  expect(texts('select 1; select 2')).toEqual(['select 1', 'select 2'])
})

test('a file of comments and empty statements holds nothing to run', () => {
  expect(texts('-- nothing;\n;; /* nor; /* nested; */ here */ ;\n')).toEqual([])
})

test.each([
  ["select 'a;b', 'it''s; one'"],
  ['select "odd;name" from t'],
  ["select E'back\\';slash', e'two\\\\'"],
  ['do $$ begin perform 1; end $$'],
  ['create function f() returns text language sql as $body$ select $$a;b$$; $body$'],
  ['create rule r as on insert to t do also (insert into l values (1); insert into l values (2))'],
  ['create function f() returns int language sql begin atomic select 1; select case when true then 2 end; end'],
  ['select 1 -- and; so on\n+ 2'],
  ['select 1 /* a; /* b; */ c; */ + 2'],
  ["select 'unended; quote"],
])('what a semicolon stands inside of stays whole: %s', (sql) => {
  expect(texts(`${sql.startsWith("select 'unended") ? '' : 'select 0;\n'}${sql}`).at(-1)).toBe(sql)
  expect(texts(sql)).toHaveLength(1)
})

test('the dollar of a parameter or a name opens no quote', () => {
  expect(texts('select $1, a$b$c; select 2; select a$b$c')).toHaveLength(3)
})

test('each statement knows the line that it begins on', () => {
  const sql = '-- first\nselect 1;\n\n/* two\nlines */ select\n 2;\nselect 3'
  expect(splitStatements(sql).map((statement) => statement.line)).toEqual([2, 5, 7])
})
