import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * Writes packages/postern/src/inbox/sql.ts from the .sql files beside it: bundlers and dist/ leave such files behind, so nothing may
 * read them while it runs. A test says when the module is stale.
 */
const INBOX = fileURLToPath(new URL('../packages/postern/src/inbox', import.meta.url))

export function inboxSql() {
  const files = readdirSync(join(INBOX, 'sql'))
    .filter((name) => name.endsWith('.sql'))
    .sort()
  const texts = files.map((name) => [camelCase(name.slice(0, -4)), readFileSync(join(INBOX, 'sql', name), 'utf8')])
  const members = texts.map(([name, text]) => `  ${name}: \`${withoutComments(text)}\`,`)
  return `/** Made by scripts/write-inbox-sql.mjs from the files in sql/, where each says why it is as it is. */\nexport const SQL = {\n${members.join('\n')}\n} as const\n`
}

const camelCase = (name) => name.replace(/-(.)/g, (_, letter) => letter.toUpperCase())

function withoutComments(text) {
  if (/[`\\]|\$\{/.test(text)) throw new Error('A statement of the inbox holds what a template literal would read')
  return text
    .split('\n')
    .filter((line) => !line.trimStart().startsWith('--') && line.trim() !== '')
    .join('\n')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(join(INBOX, 'sql.ts'), inboxSql())
