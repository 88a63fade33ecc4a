// Begins a rule, as a folder that fails its test until it is filled: npm run new-rule <id>
import { mkdir, writeFile } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import { readRules, rulebookModule } from './write-rules.mjs'

const RULES = new URL('../packages/cli/src/rules/', import.meta.url)

/** The two files of a rule that says nothing yet. */
export function ruleFiles(id) {
  return {
    'rule.ts': `import type { Rule } from '../rule.js'

/** One sentence: what is wrong where it speaks. */
export const rule: Rule = {
  title: '${id}',
  severity: 'error',
  references: ['CWE-0'],
  // It speaks nowhere yet: what an entry point does, in order, is its facts.
  entry: ({ facts }) => facts.flatMap(() => []),
}
`,
    'rule.md': `# ${id}

One sentence: what is wrong where it speaks.

## Why

What happens to whom, if nobody mends it.

## Bad

\`\`\`ts app/api/posts/route.ts
export function GET() {
  return new Response(null) // ✗
}
\`\`\`

## Good

\`\`\`ts app/api/posts/route.ts
export function GET() {
  return new Response(null)
}
\`\`\`

## When it is wrong

Where it speaks and nothing is wrong, and what to write then: \`// postern-ignore ${id}: the reason\`.
`,
  }
}

/** Throws a sentence where the name is none, or is taken. */
export function checkedId(id, taken) {
  if (!/^[a-z]+(-[a-z]+)+$/.test(id ?? ''))
    throw new Error('A rule is named by its defect, in kebab case: npm run new-rule auth-missing')
  if (taken.includes(id)) throw new Error(`There is a rule ${id} already: packages/cli/src/rules/${id}`)
  return id
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    const id = checkedId(
      process.argv[2],
      (await readRules()).map((rule) => rule.id),
    )
    const folder = new URL(`${id}/`, RULES)
    await mkdir(folder)
    for (const [name, text] of Object.entries(ruleFiles(id))) await writeFile(new URL(name, folder), text)
    await writeFile(new URL('rulebook.ts', RULES), rulebookModule(await readRules()))
    process.stdout.write(`packages/cli/src/rules/${id} is there. Fill rule.ts and rule.md, then:
  npm run build && node scripts/write-rules.mjs
  npx vitest run packages/cli/src/rules
`)
  } catch (error) {
    process.stderr.write(`${error.message}\n`)
    process.exitCode = 2
  }
}
