import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { expect, test } from 'vitest'

const manifest = new URL('../package.json', import.meta.url)
const { exports } = JSON.parse(readFileSync(manifest, 'utf8')) as { exports: Record<string, Record<string, string>> }

test.each(['.', './database', './next', './server', './webhooks'])(
  'on an edge runtime %s is one sentence that says what to do',
  (name) => {
    const conditions = Object.keys(exports[name]!)
    // Conditions are tried in their order.
    expect(conditions.indexOf('edge-light')).toBeLessThan(conditions.indexOf('default'))
    const load = () => createRequire(manifest)(exports[name]!['edge-light']!) as unknown
    expect(load).toThrow(/an edge runtime cannot: take out `export const runtime = "edge"`/)
  },
)

test('a schema has nothing that an edge runtime lacks', () => {
  expect(Object.keys(exports['./schema']!)).toEqual(['types', 'default'])
})
