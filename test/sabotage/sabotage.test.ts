import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { join } from 'node:path'
import { transform } from 'esbuild'
import { describe, expect, inject, test } from 'vitest'
import { SERVERS, SERVERS_VARIABLE } from '../support/global-setup.js'
import { broken, type Sabotage } from './sabotage.js'
import { MISSED, type Row, rowStart } from './sabotages-page.js'
import { PAGES, sabotages } from './sabotages.js'

const root = join(import.meta.dirname, '../..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const sourceOf = ({ file }: Sabotage) => read(`packages/postern/src/${file}`)

describe('each sabotage', () => {
  test.each(sabotages)('breaks one place that is there: $file, $sabotage', async (sabotage) => {
    const source = broken(sourceOf(sabotage), sabotage)
    expect(source).not.toBe(sourceOf(sabotage))
    // What does not parse fails every test, and says nothing of any.
    await expect(transform(source, { loader: 'ts' })).resolves.toBeDefined()
  })

  test('is one of its own', () => {
    const edits = sabotages.map(({ file, edit }) => JSON.stringify([file, ...edit]))
    expect(new Set(edits).size).toBe(sabotages.length)
  })
})

describe('an edit that has gone stale is told', () => {
  const sabotage = { claim: '', sabotage: '', file: 'a.ts', edit: ['b()', ''], test: '' } as const

  test.each([
    ['a()', 'is not there any more'],
    ['b(); b()', 'is there 2 times'],
  ])('in %s', (source, words) => expect(() => broken(source, sabotage)).toThrow(words))
})

test.each(PAGES)(
  '$file has a row for each, and each is caught: npm run campaign:sabotage -- --write',
  ({ file, list }) => {
    const rows = read(file)
      .split('\n')
      .filter((line) => line.startsWith('| ') && !line.startsWith('| Claim') && !line.startsWith('| ---'))
    expect(rows.map((row) => list.findIndex((one) => row.startsWith(rowStart(one))))).toEqual(
      list.map((_, index) => index),
    )
    expect(rows.filter((row) => row.includes(MISSED))).toEqual([])
  },
)

/** A run of Vitest in this one would take itself for a worker of it, so its variables stay here. */
async function campaign(...options: string[]): Promise<Row[]> {
  const own = Object.entries(process.env).filter(([name]) => !/^(VITEST|TEST$|VITE_|NODE_OPTIONS$)/.test(name))
  const servers = Object.fromEntries(SERVERS.map((name) => [name, inject(name)]))
  const child = spawn(process.execPath, ['scripts/campaign.mjs', 'sabotage', '--json', ...options], {
    cwd: root,
    env: { ...Object.fromEntries(own), [SERVERS_VARIABLE]: JSON.stringify(servers) },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [said] = await Promise.all([text(child.stdout), once(child, 'exit')])
  // Tests may have printed something of their own before.
  return JSON.parse(said.trim().split('\n').at(-1)!) as Row[]
}

test('those that are quick to catch are caught in every run', { timeout: 600_000 }, async () => {
  const rows = await campaign('--always')
  expect(rows.length).toBe(sabotages.filter(({ always }) => always).length)
  expect(rows.filter(({ verdict }) => verdict.is !== 'caught')).toEqual([])
})
