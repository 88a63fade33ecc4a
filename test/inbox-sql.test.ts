import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ROOT } from './support/markdown.ts'

test('the inbox’s statements are those of its .sql files: node scripts/write-inbox-sql.mjs', async () => {
  // Plain JavaScript, so that it runs without a build of its own: hence the path that TypeScript need not follow.
  const { inboxSql } = (await import(/* @vite-ignore */ join(ROOT, 'scripts/write-inbox-sql.mjs'))) as {
    inboxSql(): string
  }
  expect(readFileSync(join(ROOT, 'packages/postern/src/inbox/sql.ts'), 'utf8')).toBe(inboxSql())
})
