import { existsSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Document, documents, readDocument, ROOT } from './support/markdown.ts'
import { staleFiles } from './support/shown-files.ts'
import { typeCheckBlocks } from './support/type-check-blocks.ts'

const all = documents()
const documentAt = (path: string) => all.find((document) => document.path === path)

/** Links that lead nowhere, one line each. Addresses of other sites are not visited: a test must not need a network. */
function deadLinks(document: Document): string[] {
  return document.links.flatMap(({ target, line }) => {
    if (/^[a-z][a-z\d+.-]*:/i.test(target)) return []
    const [path = '', anchor] = target.split('#', 2)
    const place = path === '' ? document.path : posix.join(posix.dirname(document.path), decodeURIComponent(path))
    const dead = `${document.path}:${line}: ${target}`
    if (path !== '' && (place.startsWith('..') || !existsSync(join(ROOT, place)))) return [`${dead} leads nowhere`]
    if (anchor === undefined) return []
    const other = path === '' ? document : documentAt(place)
    return other?.anchors.has(anchor) === true ? [] : [`${dead} names no heading`]
  })
}

test('every document that a newcomer expects is there, and the README links to it', () => {
  const expected = ['ARCHITECTURE.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md', 'LICENSE']
  const linked = documentAt('README.md')!.links.map(({ target }) => target)
  expect(expected.filter((name) => !existsSync(join(ROOT, name)) || !linked.includes(name))).toEqual([])
})

test('every document is reached from the README', () => {
  const reached = new Set<string>(['README.md'])
  for (const path of reached) {
    for (const { target } of documentAt(path)?.links ?? []) {
      const place = posix.join(posix.dirname(path), target.split('#')[0]!)
      if (documentAt(place) !== undefined) reached.add(place)
    }
  }
  // The two packages' pages are read on npm.
  const lost = all.map(({ path }) => path).filter((path) => !reached.has(path) && !path.startsWith('packages/'))
  expect(lost).toEqual([])
})

test.each(all)('the links of $path lead somewhere', (document) => expect(deadLinks(document)).toEqual([]))

test('the code that the documents show compiles against the package', () => {
  // The skill has a test of its own, and so have the rules' examples, which are of projects that do not know us.
  const shown = all.filter(({ path }) => !/^skills\/|\/rules\//.test(path))
  expect(shown.flatMap(({ blocks }) => blocks).filter(({ language }) => language === 'ts').length).toBeGreaterThan(10)
  expect(typeCheckBlocks(shown)).toEqual([])
})

/** What a host would refuse in a file that a document shows: Next.js in a route, the command line in `backend.ts`. */
function refusedFiles(document: Document): string[] {
  return document.blocks.flatMap(({ language, text, line }) => {
    const path = /^\/\/ (\S+\.ts)\b/.exec(text)?.[1]
    if (language !== 'ts' || path === undefined) return []
    const exported = [...text.matchAll(/^export (?:const|async function|function) (\w+|\{[^}]*\})/gm)]
    const names = exported.flatMap(([, name = '']) => name.match(/\w+/g) ?? [])
    const strange = path.endsWith('/route.ts') ? names.filter((name) => !/^[A-Z]+$/.test(name)) : []
    const missing = path === 'backend.ts' && !names.includes('backend') ? ['no backend'] : []
    return [...strange, ...missing].map((name) => `${document.path}:${line}: ${path} exports ${name}`)
  })
}

test('a file that a document shows would be taken as it is', () => {
  expect(all.flatMap(refusedFiles)).toEqual([])
  const wrong =
    '```ts\n// app/x/route.ts\nexport const Input = 1\n```\n```ts\n// backend.ts\nexport const { endpoint } = x\n```'
  expect(refusedFiles(readDocument('x.md', wrong))).toEqual([
    'x.md:2: app/x/route.ts exports Input',
    'x.md:6: backend.ts exports no backend',
  ])
})

const page = (text: string) => readDocument('x.md', `\`\`\`ts\n// ${text}\n\`\`\`\n`)

test('what a document shows of an example’s files is what they say', () => {
  expect(all.flatMap(staleFiles)).toEqual([])
  const path = 'examples/adopt/prisma/backend.ts'
  expect(staleFiles(page(`${path}\nexport const { endpoint, action } = backend`))).toEqual([])
  expect(staleFiles(page(`${path}\nexport const { action } = nothing`))).toEqual([
    `x.md:2: ${path} says something else`,
  ])
  expect(staleFiles(page('examples/nowhere.ts\nexport const x = 1'))).toEqual([
    'x.md:2: examples/nowhere.ts is not there',
  ])
})

test('the documents show no command that does not exist', () => {
  const verbs = readFileSync(join(ROOT, 'packages/cli/src/program.ts'), 'utf8')
  const scripts = (JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: object }).scripts
  const unknown = all.flatMap(({ path, blocks }) =>
    blocks
      .filter(({ language }) => language === 'sh')
      .flatMap(({ text }) => [...text.matchAll(/\bnpx postern ((?:migrate |db )?[a-z]+)|\bnpm run ([\w:]+)/g)])
      .filter(([, verb, script = '']) =>
        verb === undefined
          ? !(script in scripts)
          : verb.split(' ').some((word) => !new RegExp(`command\\('${word}\\b`).test(verbs)),
      )
      .map(([command]) => `${path}: ${command}`),
  )
  expect(unknown).toEqual([])
})

test('a guide is short enough to be read', () => {
  const long = all.filter(({ path, text }) => path.startsWith('docs/') && text.split('\n').length > 150)
  expect(long.map(({ path }) => path)).toEqual([])
  expect(documentAt('README.md')!.text.split('\n').length).toBeLessThanOrEqual(250)
})

test.each(['postern', 'cli'])('packages/%s goes to npm with the license of the repository', (name) => {
  const [own, license] = [`packages/${name}/LICENSE`, 'LICENSE'].map((path) => readFileSync(join(ROOT, path), 'utf8'))
  expect(own).toBe(license)
})

const linking = (target: string) =>
  readDocument('docs/x.md', `# A title: \`x()\`, twice\n\n# A\n\n# A\n\n[a](${target})`)

describe('a dead link is found', () => {
  test.each([
    ['to a file', 'nowhere.md', 'leads nowhere'],
    ['out of the repository', '../../secret.md', 'leads nowhere'],
    ['to a heading of the same page', '#nowhere', 'names no heading'],
    ['to a heading of another page', '../README.md#nowhere', 'names no heading'],
  ])('%s', (_name, target, why) => expect(deadLinks(linking(target))).toEqual([`docs/x.md:7: ${target} ${why}`]))

  test.each(['../README.md', '../packages', '#a-title-x-twice', '#a-1', 'https://example.com/nowhere'])(
    'and %s is none',
    (target) => expect(deadLinks(linking(target))).toEqual([]),
  )
})
