import { expect, test } from 'vitest'
import { RepeatedStatements } from './repeated-statements.js'

test('a long statement is told by its beginning and its end: what is asked, of which table and rows', () => {
  const columns = Array.from({ length: 60 }, (_, index) => `t."column_${index}"`).join(', ')
  const repeated = new RepeatedStatements()
  for (let run = 0; run < 4; run += 1) {
    repeated.count([{ text: `select ${columns} from "customers" t where t."id" = $1`, values: [] }])
  }
  const [{ statement = '', times } = {}] = repeated.found()
  expect(times).toBe(4)
  expect(statement).toMatch(/^select t\."column_0", .+ … .+ from "customers" t where t\."id" = \$1$/)
  expect(statement.length).toBeLessThan(260)
})
