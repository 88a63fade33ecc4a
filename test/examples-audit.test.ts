import { join } from 'node:path'
import { expect, test } from 'vitest'
import { audit } from '../packages/cli/src/audit.js'
import { readTree } from '../packages/cli/src/facts/source/read-tree.js'
import { RULEBOOK } from '../packages/cli/src/rules/rulebook.js'
import { ROOT } from './support/markdown.ts'

/** What people copy from must not have what our own rules find. */
test.each(['invoices', 'next-posts', 'adopt'])('examples/%s audits clean', async (name) => {
  const { findings, faults, files } = await audit(readTree(join(ROOT, 'examples', name)), RULEBOOK)
  expect(files).toBeGreaterThan(2)
  expect(faults).toEqual([])
  expect(findings.map(({ rule, file, line }) => `${rule} ${file}:${line}`)).toEqual([])
})
