import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type FrontMatter, Malformed, readFrontMatter } from './support/front-matter.ts'
import { documents, readDocument, ROOT } from './support/markdown.ts'
import { typeCheckBlocks } from './support/type-check-blocks.ts'

const FOLDER = 'skills/backend'
const skill = readFileSync(join(ROOT, FOLDER, 'SKILL.md'), 'utf8')
const { frontMatter, body } = readFrontMatter(skill)

interface Rule {
  readonly says: string
  readonly holds: (frontMatter: FrontMatter, folder: string) => boolean
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '')
const between = (value: unknown, least: number, most: number) =>
  typeof value === 'string' && value.trim().length >= least && value.length <= most
const FIELDS = ['name', 'description', 'license', 'compatibility', 'metadata', 'allowed-tools']

/**
 * The Agent Skills format. Sources: github.com/agentskills/agentskills, docs/specification.mdx, and its reference
 * validator, skills-ref/src/skills_ref/validator.py; the last rule is of github.com/anthropics/skills, quick_validate.py.
 */
const FORMAT: readonly Rule[] = [
  {
    says: 'has no field but those of the format',
    holds: (found) => Object.keys(found).every((key) => FIELDS.includes(key)),
  },
  { says: 'has a name of 1 to 64 characters', holds: ({ name }) => between(name, 1, 64) },
  {
    says: 'has a name of lower-case words with single hyphens between',
    holds: ({ name }) => /^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(text(name)),
  },
  { says: 'is named like its folder', holds: ({ name }, folder) => name === folder },
  { says: 'has a description of 1 to 1,024 characters', holds: ({ description }) => between(description, 1, 1024) },
  {
    says: 'says in at most 500 characters what it needs',
    holds: ({ compatibility }) => compatibility === undefined || between(compatibility, 1, 500),
  },
  { says: 'names its license by a text', holds: ({ license }) => license === undefined || typeof license === 'string' },
  {
    says: 'has a map of texts as metadata',
    holds: ({ metadata }) => metadata === undefined || (typeof metadata === 'object' && !Array.isArray(metadata)),
  },
  {
    says: 'lists tools in one text',
    holds: ({ 'allowed-tools': tools }) => tools === undefined || typeof tools === 'string',
  },
  { says: 'has no < or > in its description', holds: ({ description }) => !/[<>]/.test(text(description)) },
]

function broken(found: FrontMatter, folder: string): string[] {
  return FORMAT.filter(({ holds }) => !holds(found, folder)).map(({ says }) => says)
}

describe('the skill', () => {
  test('keeps the format of Agent Skills', () => expect(broken(frontMatter, 'backend')).toEqual([]))

  test('has no field that only some agents know', () => {
    expect(Object.keys(frontMatter).sort()).toEqual(['compatibility', 'description', 'license', 'metadata', 'name'])
  })

  test('has the version of the packages it teaches', () => {
    for (const name of ['postern', 'cli']) {
      const manifest = JSON.parse(readFileSync(join(ROOT, 'packages', name, 'package.json'), 'utf8')) as object
      expect(manifest).toMatchObject({ version: (frontMatter.metadata as Record<string, string>).version })
    }
  })

  test.each(['API', 'route', 'endpoint', 'database', 'Supabase', 'schema', 'migration', 'webhook', 'server action'])(
    'is found by "%s"',
    (trigger) => expect(frontMatter.description).toContain(trigger),
  )

  test.each(['frontend', 'security'])('names its companion %s', (companion) => {
    expect(frontMatter.description).toContain(companion)
    expect(body).toContain(`\`${companion}\``)
  })

  test('is short enough to be read', () => {
    expect(body.trim().split('\n').length).toBeLessThanOrEqual(180)
    expect(body.trim().split(/\s+/).length).toBeLessThanOrEqual(1100)
  })

  test('has the checklist of seven lines and the six red flags, each with its fix', () => {
    expect(body.match(/^- \[ \] \S/gm)).toHaveLength(7)
    const flags = body.slice(body.indexOf('## Red flags')).match(/^\|(?! ---).*\S.*\|.*\S.*\|$/gm) ?? []
    expect(flags.slice(1).filter((row) => !/^\|\s*-+/.test(row))).toHaveLength(6)
  })

  test('marks what does not exist yet, and teaches it nowhere', () => {
    const missing = body.slice(body.indexOf('## Not there yet'), body.indexOf('## Gotchas'))
    for (const name of ['probe', 'generators']) expect(missing).toContain(name)
    expect(body.replace(missing, '')).not.toMatch(/postern (?:probe|generate|skill)/)
  })

  test('names no command that the command line has not', () => {
    const verbs = readFileSync(join(ROOT, 'packages/cli/src/program.ts'), 'utf8')
    const shown = [...body.matchAll(/npx postern (\w+)(?: (\w+))?/g)].flatMap(([, verb, second]) => [
      verb!,
      second ?? verb!,
    ])
    expect(shown.length).toBeGreaterThan(3)
    expect(shown.filter((verb) => !new RegExp(`command\\('${verb}\\b`).test(verbs))).toEqual([])
  })

  test('teaches code that compiles against the package', () => {
    const taught = documents().filter(({ path }) => path.startsWith(FOLDER))
    expect(taught.flatMap(({ blocks }) => blocks).filter(({ language }) => language === 'ts').length).toBeGreaterThan(5)
    expect(typeCheckBlocks(taught)).toEqual([])
  })
})

describe('a mistake in the skill is found', () => {
  const good = { name: 'backend', description: 'Use it.' }

  test.each<[string, FrontMatter, string]>([
    ['a field of its own', { ...good, version: '1.0.0' }, 'has no field but those of the format'],
    ['no description', { name: 'backend' }, 'has a description of 1 to 1,024 characters'],
    ['a long description', { ...good, description: 'a'.repeat(1025) }, 'has a description of 1 to 1,024 characters'],
    ['a tag in the description', { ...good, description: 'Use <it>.' }, 'has no < or > in its description'],
    ['a list of tools', { ...good, 'allowed-tools': ['Read'] }, 'lists tools in one text'],
    ['text as metadata', { ...good, metadata: '1.0.0' }, 'has a map of texts as metadata'],
    [
      'a long compatibility',
      { ...good, compatibility: 'a'.repeat(501) },
      'says in at most 500 characters what it needs',
    ],
  ])('%s', (_name, found, sentence) => expect(broken(found, 'backend')).toEqual([sentence]))

  test.each(['Backend', 'back--end', '-backend', 'back_end', ''])('the name "%s"', (name) => {
    expect(broken({ ...good, name }, name)).toContain('has a name of lower-case words with single hyphens between')
  })

  test('a folder of another name', () => expect(broken(good, 'server')).toEqual(['is named like its folder']))

  test.each([
    ['no end', '---\nname: backend\n'],
    ['a value with a colon', '---\nname: a: b\n---\n'],
    ['a version that is a number', '---\nmetadata:\n  version: 1.0\n---\n'],
    ['a key twice', '---\nname: a\nname: b\n---\n'],
  ])('a front matter with %s', (_name, written) => expect(() => readFrontMatter(written)).toThrow(Malformed))

  test('a block that teaches what does not exist, named by its line', () => {
    const lines = [
      '# Skill',
      '',
      '```ts',
      '// in app/api/x/route.ts',
      'export const GET = endpoint({ params: z.string() }, () => 1)',
      '```',
    ]
    const [complaint, ...others] = typeCheckBlocks([readDocument('skill.md', lines.join('\n'))])
    expect(others).toEqual([])
    expect(complaint).toMatch(/^skill\.md:5: .*say one of owns, sees, unowned/)
  })
})
