import { readdir, readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { audit } from '../packages/cli/src/audit.js'
import { treeOf } from '../packages/cli/src/facts/source/read-tree.js'
import { examplesIn } from '../packages/cli/src/rules/examples.js'
import { RULEBOOK } from '../packages/cli/src/rules/rulebook.js'

const root = new URL('../', import.meta.url)
const textAt = (path: string) => readFile(new URL(path, root), 'utf8')

interface Described {
  readonly id: string
  readonly markdown: string
}

// Plain JavaScript, so that it runs without a build of its own: hence the path that TypeScript need not follow.
const script = (name: string): Promise<unknown> => import(/* @vite-ignore */ new URL(`scripts/${name}`, root).href)
const { readRules, rulebookModule, rulePage, rulesPage } = (await script('write-rules.mjs')) as {
  readRules(): Promise<Described[]>
  rulebookModule(rules: readonly Described[]): string
  rulePage(rule: Described, facts: object): string
  rulesPage(rules: typeof RULEBOOK): string
}
const { ruleFiles, checkedId } = (await script('new-rule.mjs')) as {
  ruleFiles(id: string): Record<'rule.ts' | 'rule.md', string>
  checkedId(id: string | undefined, taken: readonly string[]): string
}

describe('what is made of the rules’ folders is fresh: run `npm run build && node scripts/write-rules.mjs`', () => {
  test('the rulebook', async () => {
    expect(await textAt('packages/cli/src/rules/rulebook.ts')).toBe(rulebookModule(await readRules()))
  })

  test('their pages, the list of them, and none that has no rule', async () => {
    expect(await textAt('docs/rules.md')).toBe(rulesPage(RULEBOOK))
    for (const { id, markdown, rule } of RULEBOOK)
      expect(await textAt(`docs/rules/${id}.md`)).toBe(rulePage({ id, markdown }, rule))
    const pages = await readdir(new URL('docs/rules/', root))
    expect(pages.sort()).toEqual(RULEBOOK.map(({ id }) => `${id}.md`))
  })
})

describe('a new rule', () => {
  test('begins with what its test asks of it, and fails it until it is filled', async () => {
    const { bad, good } = examplesIn(ruleFiles('tea-missing')['rule.md'])
    expect([bad.length, good.length]).toEqual([1, 1])
    expect(bad[0]!.marked).toEqual(['app/api/posts/route.ts:2'])
    expect((await audit(treeOf(bad[0]!.files), RULEBOOK)).findings).toEqual([])
  })

  test.each([undefined, '', 'Tea', 'tea', '../tea-missing', 'tea_missing', 'auth-missing'])(
    'is not called %j',
    (id) => {
      expect(() => checkedId(id, ['auth-missing'])).toThrow(/named by its defect|already/)
    },
  )
})
