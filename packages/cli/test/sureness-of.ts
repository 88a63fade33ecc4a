import { audit } from '../src/audit.js'
import { treeOf } from '../src/facts/source/read-tree.js'
import { RULEBOOK } from '../src/rules/rulebook.js'

/** How sure one rule is of each of its findings in a tree of these files. */
export async function surenessOf(asked: string, files: Readonly<Record<string, string>>): Promise<string[]> {
  const { findings, faults } = await audit(treeOf(files), RULEBOOK)
  if (faults.length > 0) throw new Error(JSON.stringify(faults))
  return findings.flatMap(({ rule, confidence }) => (rule === asked ? [confidence] : []))
}
