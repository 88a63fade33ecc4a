import { expect, test } from 'vitest'
import { FACTS } from '../../schema/facts.js'
import { id, table, text, user } from '../../schema/index.js'
import { updateRow } from './write-row.js'

test('a client that sends every subset of a body fills no more than a hundred prepared statements', () => {
  const fields = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
  const columns = Object.fromEntries(fields.map((key) => [key, text()]))
  const wide = table('wide', { id: id(), ...columns }, { owner: user() })
  const statements = Array.from({ length: 255 }, (_, index) => {
    const chosen = fields.filter((_field, bit) => ((index + 1) >> bit) & 1)
    return updateRow(wide[FACTS], { id: '1' }, Object.fromEntries(chosen.map((key) => [key, 'x']))).statement
  })
  expect(new Set(statements.map(({ text: sql }) => sql)).size).toBe(255)
  expect(statements.filter(({ name }) => name !== undefined)).toHaveLength(100)
})
