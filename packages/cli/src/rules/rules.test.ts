import { describe, expect, test } from 'vitest'
import { audit } from '../audit.js'
import { treeOf } from '../facts/source/read-tree.js'
import { examplesIn } from './examples.js'
import { RULEBOOK } from './rulebook.js'

describe.each(RULEBOOK)('$id', ({ id, markdown }) => {
  test('has a document with all its parts', () => {
    for (const heading of [`# ${id}`, '## Why', '## Bad', '## Good', '## When it is wrong'])
      expect(markdown).toContain(`${heading}\n`)
  })

  const { bad, good } = examplesIn(markdown)

  test.each(bad.map((example, index) => [index + 1, example] as const))(
    'bad example %i is found at the lines that are marked, and nothing else is',
    async (_, { files, marked, also }) => {
      const { findings, faults } = await audit(treeOf(files), RULEBOOK)
      expect(faults).toEqual([])
      expect(marked.length).toBeGreaterThan(0)
      expect(findings.map(({ rule, file, line }) => `${rule} ${file}:${line}`).toSorted()).toEqual(
        [...marked.map((place) => `${id} ${place}`), ...also].toSorted(),
      )
    },
  )

  test.each(good.map((example, index) => [index + 1, example] as const))(
    'good example %i is clean under every rule',
    async (_, { files }) => {
      expect((await audit(treeOf(files), RULEBOOK)).findings).toEqual([])
    },
  )
})
