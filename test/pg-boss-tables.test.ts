import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'

const root = new URL('../', import.meta.url)

test('the tables of the queue are those of the pg-boss that runs on them: node scripts/write-pg-boss-tables.mjs', async () => {
  const script = new URL('scripts/write-pg-boss-tables.mjs', root).href
  const { HOME, pgBossTables } = (await import(/* @vite-ignore */ script)) as {
    HOME: URL
    pgBossTables(): Promise<string>
  }
  expect(await readFile(HOME, 'utf8')).toBe(await pgBossTables())
})

test('and of one version alone: another might make others', async () => {
  const manifest = JSON.parse(await readFile(new URL('packages/postern/package.json', root), 'utf8')) as {
    dependencies: Record<string, string>
  }
  expect(manifest.dependencies['pg-boss']).toMatch(/^\d+\.\d+\.\d+$/)
})
