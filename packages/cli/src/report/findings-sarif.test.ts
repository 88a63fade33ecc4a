import { readFileSync } from 'node:fs'
import { Ajv } from 'ajv'
import formats from 'ajv-formats'
import { describe, expect, test } from 'vitest'
import { audit } from '../audit.js'
import { treeOf } from '../facts/source/read-tree.js'
import { RULEBOOK } from '../rules/rulebook.js'
import { findingsSarif } from './findings-sarif.js'

/** As OASIS publishes it. */
const SCHEMA = JSON.parse(
  readFileSync(new URL('../../../../test/schemas/sarif-2.1.0.json', import.meta.url), 'utf8'),
) as object
// One pattern of the schema is none under the flag `u`.
const ajv = new Ajv({ strict: false, allErrors: true, unicodeRegExp: false })
formats.default(ajv)
const isValid = ajv.compile(SCHEMA)
const faultsOf = (log: unknown) => {
  // What is read is what was written: `undefined` is not in JSON.
  isValid(JSON.parse(JSON.stringify(log)))
  return (isValid.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`)
}

const OPEN = `import { clear } from '../../../../lib/clear'
export async function DELETE() {
  await clear()
  return new Response(null)
}
`
const report = {
  ...(await audit(
    treeOf({
      'app/api/a b,ü/[id]/route.ts': OPEN,
      'lib/clear.ts':
        "import { db } from '@/lib/db'\nexport async function clear() {\n  await db.post.deleteMany({ where: { published: false } })\n}\n",
    }),
    RULEBOOK,
  )),
  root: '/somebody’s project',
}

describe('SARIF as the schema of OASIS has it', () => {
  test('with findings in odd places, and the way to them', () => {
    const log = findingsSarif(report, RULEBOOK, '1.2.3')
    expect(JSON.stringify(log)).toContain('"codeFlows"')
    expect(faultsOf(log)).toEqual([])
  })

  test('with nothing found, and with a rule that broke', () => {
    expect(faultsOf(findingsSarif({ ...report, findings: [] }, RULEBOOK, '1.2.3'))).toEqual([])
    const faults = [{ rule: 'x', error: 'Error: no' }]
    expect(faultsOf(findingsSarif({ ...report, faults }, RULEBOOK, '1.2.3'))).toEqual([])
  })

  test('and the schema would tell a line that counts from 0', () => {
    const [first] = report.findings
    const wrong = { ...report, findings: [{ ...first!, line: 0 }] }
    expect(faultsOf(findingsSarif(wrong, RULEBOOK, '1.2.3')).join('\n')).toMatch(/startLine must be >= 1/)
  })
})
