import {
  boolean,
  char,
  date,
  doublePrecision,
  inet,
  integer,
  interval,
  json,
  jsonb,
  numeric,
  pgEnum,
  real,
  smallint,
  text as plainText,
  time,
  timestamp,
  uuid,
  varchar,
} from 'drizzle-orm/pg-core'
import * as fc from 'fast-check'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../../../../test/support/postgres.js'
import { postgresJson } from '../../../test/postgres-json.js'
import { type Described, FACTS } from '../../schema/facts.js'
import { id, instant, money, references, secret, table, text, user } from '../../schema/index.js'
import { flatRow } from './flat-row.js'
import { quoted, type Shape } from './shape.js'

const mood = pgEnum('mood', ['glad', 'so so'])
const things = table(
  'things',
  {
    id: id(),
    'a "name"\\': text(),
    word: varchar({ length: 40 }),
    code: char({ length: 5 }),
    key: uuid(),
    yes: boolean(),
    small: smallint(),
    whole: integer(),
    half: real(),
    double: doublePrecision(),
    price: money(),
    exact: numeric(),
    document: json(),
    indexed: jsonb(),
    day: date(),
    hour: time(),
    at: instant(),
    fine: timestamp({ withTimezone: true }),
    told: timestamp({ withTimezone: true, mode: 'string' }),
    local: timestamp(),
    span: interval(),
    from: inet(),
    mood: mood(),
    words: plainText().array(),
    // Names that the statement itself uses.
    t: plainText(),
    parent_1: plainText(),
    pin: secret(text()),
    parentId: references((): Described => things, { optional: true }),
  },
  { owner: user() },
)
const facts = things[FACTS]

/** What each column takes, as PostgreSQL reads it. */
const moment = fc
  .date({ min: new Date('0001-01-02T00:00:00Z'), max: new Date('9999-12-30T00:00:00Z'), noInvalidDate: true })
  .chain((at) => fc.integer({ min: 0, max: 999 }).map((micros) => at.toISOString().replace('Z', `${micros}Z`)))
const anyMoment = fc.oneof(moment, fc.constantFrom('infinity', '-infinity', '0044-03-15 12:00:00 BC', '20000-01-01'))
const string = fc.string({ unit: 'binary', maxLength: 12 }).map((value) => value.replaceAll('\u0000', ''))
const words = fc.oneof(
  string,
  fc.constantFrom('"', '\\', '\b\f\n\r\t', '\u007f\u2028', '\u001f', '😀', '</script>', ''),
)
const float = fc.oneof(fc.double(), fc.constantFrom(1e21, 1e-7, -0)).map(String)
const whole = (bits: number) => fc.integer({ min: -(2 ** (bits - 1)), max: 2 ** (bits - 1) - 1 }).map(String)
const COLUMNS: Readonly<Record<string, fc.Arbitrary<string>>> = {
  'a "name"\\': words,
  word: words,
  code: fc.constantFrom('a', 'abc', 'abcde', '"', ''),
  key: fc.uuid(),
  yes: fc.constantFrom('true', 'false'),
  small: whole(16),
  whole: whole(32),
  half: fc.constantFrom('1.5', '-0', 'NaN', 'Infinity', '-Infinity', '1e30', '1e-30'),
  double: float,
  price: fc.constantFrom('0.1', '-12.3400', '99999999999999.9999'),
  exact: fc.constantFrom('NaN', '1e40', '-0.000000000000000001', '12.50'),
  document: fc.json().map((value) => ` ${value}\n`.replaceAll('\\u0000', '')),
  indexed: fc.json().map((value) => value.replaceAll('\\u0000', '')),
  day: fc.constantFrom('2026-01-31', 'infinity', '0044-03-15 BC', '12000-01-01'),
  hour: fc.constantFrom('12:00', '23:59:59.123456'),
  at: anyMoment,
  fine: anyMoment,
  told: anyMoment,
  local: anyMoment,
  span: fc.constantFrom('1 day 02:03:04', '-3 mons', '1 year'),
  from: fc.constantFrom('10.0.0.1', '10.0.0.0/8', '::1'),
  mood: fc.constantFrom('glad', 'so so'),
  t: words,
  parent_1: words,
  words: fc.constantFrom('{}', '{a,NULL,"b \\"c\\""}'),
}
const row = fc.record(
  Object.fromEntries(Object.entries(COLUMNS).map(([key, value]) => [key, fc.option(value, { freq: 5 })])),
)

let place: TestDatabase
let postgres: Client
beforeAll(async () => {
  place = await createTestDatabase()
  postgres = new Client({ connectionString: place.adminUrl })
  await postgres.connect()
  const columns = Object.values(facts.columns).map(({ sqlName, column }) => `${quoted(sqlName)} ${column.getSQLType()}`)
  await postgres.query(`create type mood as enum ('glad', 'so so'); create table things (${columns.join(', ')})`)
})
afterAll(async () => {
  await postgres.end()
  await place.drop()
})

async function insert(values: Record<string, unknown>): Promise<void> {
  const columns = Object.values(facts.columns)
  const names = columns.map(({ sqlName }) => quoted(sqlName))
  const places = columns.map(({ column }, index) => `$${index + 1}::text::${column.getSQLType()}`)
  const given = columns.map(({ key }) => (values[key] == null ? null : String(values[key])))
  await postgres.query(`insert into things (${names.join(', ')}) values (${places.join(', ')})`, given)
}

const whatCame = (value: string) => value
const asText = { getTypeParser: () => whatCame } as never

async function select(selected: string, joins: string): Promise<(string | null)[][]> {
  const sql = `select ${selected} from things t${joins} order by t.id`
  return (await postgres.query<(string | null)[]>({ text: sql, rowMode: 'array', types: asText })).rows
}

/** What both make of all rows. */
async function both(shape: Shape): Promise<[byNode: string[], byPostgres: string[]]> {
  const { columns, joins, toJson } = flatRow(facts, 't', shape)
  const values = await select(columns.join(', '), joins)
  const built = await select(`${postgresJson(facts, 't', shape)}::text`, '')
  return [values.map(toJson), built.map(([cell]) => cell!)]
}

const SHAPES: readonly Shape[] = [
  {},
  { with: { parent: { parent: true } } },
  { columns: ['at'] },
  { columns: [], with: { parent: true } },
]

describe.each([
  ['ISO, DMY', 'UTC'],
  ['German, DMY', 'Europe/Zurich'],
  ['SQL, MDY', 'America/St_Johns'],
])('in a session with DateStyle %s at %s', (style, zone) => {
  test('what Node makes of the values is the JSON that PostgreSQL builds, to the last byte', async () => {
    await postgres.query(`set datestyle to '${style}'; set timezone to '${zone}'`)
    const property = fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 8 }), async (rows) => {
      await postgres.query('truncate things')
      for (const [index, values] of rows.entries()) {
        const parent = index === 0 ? null : index
        await insert({ ...values, id: index + 1, ownerId: 'alice', pin: 'MARKER', parentId: parent })
      }
      for (const shape of SHAPES) {
        const [byNode, byPostgres] = await both(shape)
        expect(byNode).toEqual(byPostgres)
        expect(byNode.join()).not.toContain('MARKER')
      }
    })
    await fc.assert(property, { numRuns: 40 })
  }, 120_000)
})

test('a row without a column is an empty object', () => {
  const { columns, toJson } = flatRow(facts, 't', { columns: [] })
  expect(columns).toEqual([])
  expect(toJson([])).toBe('{}')
})
