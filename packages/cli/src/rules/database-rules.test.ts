import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { ProjectFacts } from '../facts/project-facts.js'
import { audit } from '../audit.js'
import { treeOf } from '../facts/source/read-tree.js'
import { RULEBOOK } from './rulebook.js'
import { databasesOf } from '../../test/databases-of.js'
import { rule as columnType } from './column-type/rule.js'
import { rule as rlsDisabled } from './rls-disabled/rule.js'
import { rule as rlsOpen } from './rls-open/rule.js'
import { examplesIn } from './examples.js'
import type { Hit, Rule } from './rule.js'

const RULES: Readonly<Record<string, Rule>> = {
  'column-type': columnType,
  'rls-disabled': rlsDisabled,
  'rls-open': rlsOpen,
}

/** What the rules about databases say of a project, as `rule file:line confidence`. */
async function said(files: Readonly<Record<string, string>>): Promise<string[]> {
  const databases = await databasesOf(files)
  return Object.entries(RULES)
    .flatMap(([id, rule]) =>
      [...(rule.project?.({ databases } as unknown as ProjectFacts) ?? [])].map(
        (hit) => `${id} ${placeOf(hit)} ${hit.confidence}`,
      ),
    )
    .sort()
}

function placeOf({ at }: Hit): string {
  return `${at.file.path}:${at.file.placeOf(at.node.start).line}`
}

describe.each(Object.keys(RULES))('the document of %s', (id) => {
  const { bad, good } = examplesIn(readFileSync(new URL(`${id}/rule.md`, import.meta.url), 'utf8'))

  test('shows what it finds, and nothing else is found there', async () => {
    expect(bad.length).toBeGreaterThan(0)
    for (const { files, marked } of bad) {
      const found = (await said(files)).map((line) => line.replace(/ \w+$/, ''))
      expect(found).toEqual(marked.map((place) => `${id} ${place}`).toSorted())
    }
  })

  test('shows what is right, and nothing is found there', async () => {
    expect(good.length).toBeGreaterThan(0)
    for (const { files } of good) expect(await said(files)).toEqual([])
  })
})

const table = (name: string, columns = '') =>
  `create table ${name} (id uuid primary key${columns}); alter table ${name} enable row level security;\n`

const confidencesOf = async (policy: string, columns = ', user_id uuid') =>
  (await said({ 'supabase/migrations/1.sql': `${table('things', columns)}${policy};` })).map((line) =>
    line.split(' ').at(-1),
  )

describe('a policy', () => {
  test.each([
    ['create policy p on things using (true)', ['high']],
    ['create policy p on things for delete to authenticated using (1 = 1)', ['high']],
    ['create policy p on things for update using (id = id)', ['high']],
    ['create policy p on things for all using (auth.uid() is not null)', ['high']],
    ["create policy p on things for all using ((select auth.role()) in ('authenticated', 'service_role'))", ['high']],
    ['create policy p on things for all using (auth.uid() = user_id or true)', ['high']],
    ["create policy p on things for all using (auth.role() = 'service_role') with check (true)", ['high']],
    ["create policy p on things for all using (status = 'draft')", ['medium']],
    ['create policy p on things for insert with check (true)', ['high']],
    ["create policy p on things using (auth.role() = 'service_role')", []],
    [
      "create policy p on things using (current_setting('request.jwt.claims', true)::json ->> 'role' = 'service_role')",
      [],
    ],
    ['create policy p on things using (auth.uid() = user_id and true)', []],
    ['create policy p on things using (is_member(id))', []],
    ['create policy p on things using (exists (select 1 from members m where m.user_id = auth.uid()))', []],
    ['create policy p on things using (false)', []],
    ['create policy p on things to backend using (true)', []],
    ['create policy p on things for select using (true)', []],
    [
      'create policy p on things using (true); create policy r on things as restrictive using (auth.uid() = user_id)',
      [],
    ],
    ['create policy p on things using (true); alter policy p on things using (auth.uid() = user_id)', []],
    ['create policy p on things using (true); revoke all on things from anon, authenticated', []],
    ['create policy p on things using (true); drop table things', []],
  ])('%s', async (policy, expected) => expect(await confidencesOf(policy)).toEqual(expected))

  test('that lets everyone read is told where the table holds what is nobody’s business', async () => {
    expect(await confidencesOf('create policy p on things for select using (true)', ', api_key text')).toEqual(['high'])
    expect(await confidencesOf('create policy p on things for select using (true)', ', email text')).toEqual(['high'])
    expect(await confidencesOf('create policy p on things for select using (true)', ', title text')).toEqual([])
  })

  test('that another migration adds is told at the table', async () => {
    const files = {
      'supabase/migrations/1.sql': table('things'),
      'supabase/migrations/2.sql': 'create policy p on things using (true);',
    }
    expect(await said(files)).toEqual(['rls-open supabase/migrations/1.sql:1 high'])
  })
})

describe('a policy on the objects of a bucket', () => {
  test.each([
    // Which bucket it is says nothing of whose an object is.
    ["create policy p on storage.objects for update using (bucket_id = 'papers')", ['high']],
    [
      "create policy p on storage.objects for delete to authenticated using (bucket_id in ('papers', 'faces'))",
      ['high'],
    ],
    [
      "create policy p on storage.objects using (objects.bucket_id = 'papers'::text and auth.role() = 'authenticated')",
      ['high'],
    ],
    ["create policy p on storage.objects for delete using (bucket_id = any (array['papers', 'faces']))", ['high']],
    [
      'create policy "Users read their own papers" on storage.objects for select using (bucket_id = \'papers\')',
      ['high'],
    ],
    [
      'create policy "Users add own papers" on storage.objects for insert with check (bucket_id = \'papers\')',
      ['high'],
    ],
    ["create policy p on storage.objects for insert with check (bucket_id = 'papers')", ['medium']],
    ["create policy p on storage.objects for update using (bucket_id = 'papers' and name like 'a/%')", ['medium']],
    [
      "create policy p on storage.objects for update using (owner = auth.uid()); alter policy p on storage.objects using (bucket_id = 'papers')",
      ['high'],
    ],
    ["create policy p on storage.objects for insert to authenticated with check (bucket_id = 'papers')", []],
    ['create policy "Anyone may look" on storage.objects for select using (bucket_id = \'faces\')', []],
    ["create policy p on storage.objects for delete using (bucket_id = 'papers' and owner = auth.uid())", []],
    [
      "create policy p on storage.objects for all using (bucket_id = 'papers' and (storage.foldername(name))[1] = auth.uid()::text)",
      [],
    ],
    ['create policy p on storage.objects for delete using (bucket_id = my_bucket())', []],
    ["create policy p on storage.objects to service_role using (bucket_id = 'papers')", []],
    // Only there does the column say what it says.
    ["create policy p on public.objects for update using (bucket_id = 'papers')", ['medium']],
  ])('%s', async (policy, confidences) => {
    const lines = await said({ 'supabase/migrations/1.sql': `${policy};` })
    expect(lines.map((line) => line.split(' ').at(-1))).toEqual(confidences)
  })

  test('is told where it stands, whichever migration spoke of the objects first', async () => {
    const { findings } = await audit(
      treeOf({
        'supabase/migrations/1.sql': "create policy a on storage.objects for select using (bucket_id = 'faces');",
        'supabase/migrations/2.sql': `create policy b on storage.objects for update using (bucket_id = 'faces');
create policy c on storage.objects for delete using (bucket_id = 'faces');`,
      }),
      RULEBOOK,
    )
    expect(findings.map(({ file, line, symbol }) => `${file}:${line} ${symbol}`)).toEqual([
      'supabase/migrations/2.sql:1 storage.objects',
      'supabase/migrations/2.sql:2 storage.objects',
    ])
  })

  test('is told with the schema of its table, and with folders as the way out', async () => {
    const [database] = await databasesOf({
      'supabase/migrations/1.sql': "create policy p on storage.objects for delete using (bucket_id = 'papers');",
    })
    const [hit] = [...(rlsOpen.project?.({ databases: [database] } as unknown as ProjectFacts) ?? [])]
    expect(hit).toMatchObject({
      message: 'Policy “p” on storage.objects lets anyone delete every object',
      fix: 'Say whose objects: using ((storage.foldername(name))[1] = (select auth.uid())::text)',
    })
  })
})

describe('row-level security', () => {
  const bare = 'create table things (id uuid primary key);'
  test.each([
    [
      'is enough where a later migration turns it on',
      {
        'supabase/migrations/1.sql': bare,
        'supabase/migrations/2.sql': 'alter table public.things enable row level security',
      },
      [],
    ],
    [
      'is off again where a later one turns it off',
      {
        'supabase/migrations/1.sql': `${table('things')}`,
        'supabase/migrations/2.sql': 'alter table things disable row level security',
      },
      ['high'],
    ],
    [
      'may be turned on by a block for the tables it names',
      {
        'supabase/migrations/1.sql': `${bare} do $$ declare t text; begin foreach t in array array['things'] loop execute format('alter table %I enable row level security', t); end loop; end $$`,
      },
      [],
    ],
    [
      'is not judged where a block finds its tables at run time',
      {
        'supabase/migrations/1.sql': `${bare} do $$ declare t record; begin for t in select tablename from pg_tables loop execute 'alter table ' || t.tablename || ' enable row level security'; end loop; end $$`,
      },
      [],
    ],
    [
      'is not demanded of a database that only a server speaks to',
      { 'db/migrations/1.sql': bare, 'package.json': '{ "dependencies": { "pg": "8" } }' },
      [],
    ],
    [
      'is demanded of scripts beside a Supabase client',
      { 'db/schema.sql': bare, 'package.json': '{ "dependencies": { "@supabase/supabase-js": "2" } }' },
      ['high'],
    ],
    [
      'is not judged where a script beside the migrations turns it on',
      { 'supabase/migrations/1.sql': bare, 'supabase/policies.sql': 'alter table things enable row level security' },
      [],
    ],
    [
      'is missed where all other tables have it',
      { 'db/migrations/1.sql': `${table('a')}${table('b')}${bare}` },
      ['medium'],
    ],
    [
      'of one database says nothing of another',
      {
        'a/supabase/migrations/1.sql': bare,
        'b/supabase/migrations/1.sql': `${bare} alter table other enable row level security`,
      },
      ['high', 'high'],
    ],
  ])('%s', async (_, files, expected) => {
    const lines = (await said(files as Record<string, string>)).filter((line) => line.startsWith('rls-disabled'))
    expect(lines.map((line) => line.split(' ').at(-1))).toEqual(expected)
  })
})

describe('a column', () => {
  test.each([
    [
      'a key that a later migration widens',
      'create table a (id serial primary key); alter table a alter column id type bigint;',
      [],
    ],
    [
      'a time that a later migration gives its zone',
      'create table a (at timestamp); alter table a alter at type timestamptz;',
      [],
    ],
    [
      'a key of two that refer elsewhere',
      'create table a (b integer references b, c integer references c, primary key (b, c));',
      [],
    ],
    ['a key that is another table’s', 'create table a (b_id integer primary key references b (id));', []],
    ['a number given from outside', 'create table a (year integer primary key, t timestamptz);', ['medium']],
    ['an amount beside a currency', 'create table a (id uuid, amount real, currency text);', ['high']],
    ['an amount of flour', 'create table ingredients (id uuid, amount real);', ['medium']],
    ['a rate of tax', 'create table a (id uuid, tax_rate real, cost_ratio float8);', []],
    [
      'a table that MySQL reads alone',
      'create table `a` (`id` int unsigned not null auto_increment, `at` datetime, primary key (`id`)) engine=InnoDB;',
      ['high'],
    ],
    ['an integer of SQLite', 'create table a (id integer primary key autoincrement, at datetime);', []],
  ])('%s', async (_, sql, expected) =>
    expect((await said({ 'db/migrations/1.sql': sql })).map((line) => line.split(' ').at(-1))).toEqual(expected),
  )
})
