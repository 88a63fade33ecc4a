/**
 * Writes `packages/postern/src/database/pg-boss-tables.ts`: the tables of pg-boss, as the installed version makes them. They are
 * part of the framework's own migrations, so that the tables' owner makes them and not the server's login, and so that no database
 * needs pg-boss to be migrated. Run it after `npm run build`; a test says when the file is stale.
 */
import { createRequire } from 'node:module'
import { writeFileSync } from 'node:fs'

export async function pgBossTables() {
  const { splitStatements } = await import('../packages/postern/dist/database/split-statements.js')
  const require = createRequire(new URL('../packages/postern/package.json', import.meta.url))
  const { getConstructionPlans } = require('pg-boss')
  const { schema } = require('pg-boss/version.json')
  const statements = splitStatements(getConstructionPlans('pgboss'))
    .map(({ text }) => text.replace(/^ {4}/gm, '').trim())
    // The transaction and its lock are the migrations' own.
    .filter((text) => !/^(?:begin|commit|set local|select pg_advisory)/i.test(text))
  const lines = statements.map((text) => `  \`${text.replace(/[\\`]|\$\{/g, '\\$&')}\`,`)
  return [
    '/** What pg-boss makes in a database, statement by statement. Written by scripts/write-pg-boss-tables.mjs. */',
    'export const PG_BOSS_TABLES: readonly string[] = [',
    ...lines,
    ']',
    '',
    '/** How pg-boss numbers what it makes. */',
    `export const PG_BOSS_VERSION = ${schema}`,
    '',
  ].join('\n')
}

export const HOME = new URL('../packages/postern/src/database/pg-boss-tables.ts', import.meta.url)

if (process.argv[1] === new URL(import.meta.url).pathname) writeFileSync(HOME, await pgBossTables())
