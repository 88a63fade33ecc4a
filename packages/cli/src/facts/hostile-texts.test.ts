import { expect, test } from 'vitest'
import { audit } from '../audit.js'
import { RULEBOOK } from '../rules/rulebook.js'
import { treeOf } from './source/read-tree.js'

// What takes the square of a run of white space would be here on the next day.

const LINES = '\r\n'.repeat(300_000)
const SPACES = ' '.repeat(300_000)
const WORDS = 'a'.repeat(300_000)

const asking = (text: string) => `import { Pool } from 'pg'
const pool = new Pool()
export async function GET() { return Response.json(await pool.query(${JSON.stringify(text)})) }`

test.each<[string, Readonly<Record<string, string>>]>([
  [
    'settings of Supabase',
    {
      'supabase/config.toml': `${LINES}x\n[functions.a]\n${LINES}verify_jwt`,
      'supabase/functions/a/index.ts':
        "import { db } from './db'\nDeno.serve(async () => Response.json(await db.all()))",
      'supabase/migrations/1_a.sql': 'create table a (id bigint primary key);',
    },
  ],
  ['a script', { 'db/migrations/1_a.sql': `${LINES}create table a (at timestamp${SPACES}x);${LINES}` }],
  ['a condition', { 'app/api/a/route.ts': asking(`select * from posts where id in${SPACES}(`) }],
  ['a word in a condition', { 'app/api/a/route.ts': asking(`select * from posts where ${WORDS}`) }],
  [
    'imports',
    { 'src/index.ts': `import express from 'express'\nconst app = express()\napp.listen(1)\n// import${SPACES}x` },
  ],
])('%s', { timeout: 20_000 }, async (_, files) => {
  expect((await audit(treeOf(files), RULEBOOK)).faults).toEqual([])
})
