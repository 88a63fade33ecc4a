import { expect, test } from 'vitest'
import { databasesOf } from '../../../test/databases-of.js'

const migrated = async (...scripts: string[]) => {
  const files = Object.fromEntries(scripts.map((sql, index) => [`supabase/migrations/${index + 1}_step.sql`, sql]))
  return (await databasesOf(files))[0]!
}
const tablesOf = async (...scripts: string[]) => (await migrated(...scripts)).tables

test('tables stand as the last migration left them', async () => {
  const [only, ...others] = await tablesOf(
    'create table old (id serial primary key, gone text, at timestamp(3)); create table dropped (id int);',
    'alter table old rename to things; alter table things rename column at to made_at; drop table if exists dropped cascade;',
    'alter table only public.things drop column gone, add column total numeric(19,4), alter column id type bigint, enable row level security, force row level security;',
    'create table if not exists things (id int); alter table things add column if not exists total int;',
  )
  expect(others).toEqual([])
  expect(only).toMatchObject({ schema: 'public', name: 'things', key: ['id'], rowSecurity: 'on', isForced: true })
  expect(only!.columns.map(({ name, type, isCounted }) => [name, type, isCounted])).toEqual([
    ['id', 'int64', true],
    ['made_at', 'local-time', false],
    ['total', 'decimal', false],
  ])
})

test('numbered scripts run by their numbers, stamped ones by their letters, and what undoes them not at all', async () => {
  const [database] = await databasesOf({
    'db/migrations/10_last.sql': 'alter table a add column ten int;',
    'db/migrations/2_second.sql': 'alter table a add column two int;',
    'db/migrations/1_first.sql': 'create table a (one int);\n-- migrate:down\ndrop table a;',
    'db/migrations/11_gone.down.sql': 'drop table a;',
    'db/migrations/down/12.sql': 'drop table a;',
  })
  expect(database!.tables.map(({ columns }) => columns.map(({ name }) => name))).toEqual([['one', 'two', 'ten']])
})

test('two migration folders are two databases', async () => {
  const databases = await databasesOf({
    'apps/a/migrations/1.sql': 'create table a (id uuid)',
    'apps/b/migrations/1.sql': 'create table b (id uuid)',
  })
  expect(databases.map(({ home, tables }) => [home, ...tables.map(({ name }) => name)])).toEqual([
    ['apps/a/migrations', 'a'],
    ['apps/b/migrations', 'b'],
  ])
})

test('a script that repeats what the migrations of its package make adds nothing, and one of another package does', async () => {
  const databases = await databasesOf({
    'a/package.json': '{}',
    'a/migrations/1.sql': 'create table notes (id uuid)',
    'a/schema.sql': 'create table notes (id uuid); create table more (id uuid)',
    'b/package.json': '{}',
    'b/schema.sql': 'create table notes (id uuid)',
  })
  expect(databases.map(({ home, tables }) => [home, ...tables.map(({ name }) => name)])).toEqual([
    ['a/migrations', 'notes'],
    ['a', 'more'],
    ['b', 'notes'],
  ])
})

test('Prisma gives each migration a folder, and its schema says which database it is', async () => {
  const databases = await databasesOf({
    'prisma/schema.prisma': 'datasource db {\n  provider = "mysql"\n}\nmodel A {\n  id Int @id\n}',
    'prisma/migrations/20240101000000_a/migration.sql':
      'CREATE TABLE `A` (`id` INTEGER NOT NULL AUTO_INCREMENT, PRIMARY KEY (`id`)) ENGINE=InnoDB;',
    'prisma/migrations/20240102000000_b/migration.sql':
      'CREATE TABLE `B` (`id` VARCHAR(36) NOT NULL, PRIMARY KEY (`id`));',
  })
  expect(
    databases.map(({ home, saidBy, dialect, tables }) => [
      home,
      saidBy,
      dialect,
      ...tables.map(({ name, key }) => `${name}(${key.join()})`),
    ]),
  ).toEqual([
    ['prisma/migrations', 'sql', 'mysql', 'A(id)', 'B(id)'],
    ['prisma', 'prisma', 'mysql', 'A(id)'],
  ])
})

test('policies are created, altered, renamed and dropped', async () => {
  const [table] = await tablesOf(
    `create table a (id uuid); create policy one on a using (true); create policy two on a for select to anon, "authenticated" using (true);
     create policy three on a as restrictive for update to service_role using (auth.uid() = id) with check (true);`,
    'drop policy one on public.a; drop policy if exists absent on a; alter policy two on a rename to "2"; alter policy "2" on a using (false);',
  )
  expect(table!.policies).toMatchObject([
    {
      name: '2',
      command: 'select',
      roles: ['anon', 'authenticated'],
      using: 'nothing',
      check: null,
      isRestrictive: false,
    },
    {
      name: 'three',
      command: 'update',
      roles: ['service_role'],
      using: 'own',
      check: 'everything',
      isRestrictive: true,
    },
  ])
})

test('what is granted and revoked counts for the tables that there are, and by default for those that come', async () => {
  const found = await tablesOf(
    'create table a (id uuid); create table b (id uuid); revoke all on all tables in schema public from anon, authenticated; grant select on b to anon;',
    'alter default privileges in schema public revoke all on tables from anon; create table c (id uuid);',
  )
  expect(found.map(({ name, revokedFrom }) => [name, revokedFrom])).toEqual([
    ['a', ['anon', 'authenticated']],
    ['b', ['authenticated']],
    ['c', ['anon']],
  ])
})

test('blocks are read for what they change, and for the tables that they name', async () => {
  const [a, b, c] = await tablesOf(
    `create table a (id uuid); create table b (id uuid); create table c (id uuid);
     do $$ begin
       if not exists (select 1 from pg_policies where policyname = 'p; q') then
         create policy "p; q" on a using (true);
       end if;
       alter table c enable row level security;
     exception when duplicate_object then null; end $$;
     do $body$ declare name text; begin
       foreach name in array array['a', 'b'] loop
         execute format('alter table public.%I enable row level security', name);
         execute format('create policy %I on %I using (true)', name || '_all', name);
       end loop;
     end $body$;`,
  )
  expect([a, b, c].map((table) => table!.rowSecurity)).toEqual(['on', 'on', 'on'])
  expect(a!.policies.map(({ name }) => name)).toEqual(['p; q', 'a'])
})

test('views tell with whose rights they read, and functions whether they run as their owner', async () => {
  const database = await migrated(
    `create table a (id uuid); create view mine with (security_invoker = true) as select 1; create view all_of_them as select 1;
     create or replace function f() returns int language sql security definer as 'select 1';
     create function g() returns int language sql begin atomic; select case when true then 1 end; end; create table after_it (id uuid);`,
  )
  expect(database.views.map(({ name, isInvoker }) => [name, isInvoker])).toEqual([['mine', true], ['all_of_them', false]]) // prettier-ignore
  expect(database.definers.map(({ name }) => name)).toEqual(['f'])
  expect(database.tables.map(({ name }) => name)).toEqual(['a', 'after_it'])
})

test('a dump is read past its data and past the lines for psql', async () => {
  const found = await tablesOf(
    String.raw`\restrict abc
SET search_path = '';
CREATE TABLE public.a (id bigint);
COPY public.a (id) FROM stdin;
1	it's; create table no (id int);
\.
CREATE TABLE public.b (id bigint);
\unrestrict abc
`,
  )
  expect(found.map(({ name }) => name)).toEqual(['a', 'b'])
})

test('what can’t be read is told with its line, and the rest is read', async () => {
  const { tables: found, unread } = await migrated(
    "create table a (id uuid);\n\nalter table a add colum x frobnicate;\ncreate table b (s text default 'x;y');",
  )
  expect(found.map(({ name }) => name)).toEqual(['a', 'b'])
  expect(unread.map(({ at, reason }) => [at.file.placeOf(at.node.start).line, reason])).toEqual([
    [3, 'syntax error at or near "frobnicate"'],
  ])
})

test('places count characters, whatever stands before them', async () => {
  const [table] = await tablesOf(
    "-- ünïcödé 🎉\ncomment on schema public is '🎉';\ncreate table \"täble🎉\" (\n  a text default 'ß',\n  b int);",
  )
  expect(table!.columns.map(({ name, at }) => [name, at.file.text.slice(at.node.start).split(' ')[0]])).toEqual([['a', 'a'], ['b', 'b']]) // prettier-ignore
})

const HOSTILE: readonly (readonly [string, string])[] = [
  ['truncated', "create table a (id int, b text default 'abc"],
  ['an open comment', 'create table a (id int); /* /* */ create table b (id int);'],
  ['an open dollar quote', 'do $x$ begin create policy p on a using (true); '],
  ['deep parentheses', `create table a (id int check (${'('.repeat(5_000)}1${')'.repeat(5_000)} = 1));`],
  ['a long sum', `create table a (id int default 1${'+1'.repeat(50_000)});`],
  ['a long or', `create policy p on a using (true${' or true'.repeat(50_000)});`],
  ['many statements in one line', 'alter table a enable row level security;'.repeat(2_000)],
  ['one line of a megabyte', `insert into a values ('${'x'.repeat(1_000_000)}'); create table a (id int);`],
  ['a megabyte of quotes', "'".repeat(999_999)],
  ['a megabyte of dollars', '$a$'.repeat(333_333)],
  ['a megabyte of parentheses', `create table a ${'('.repeat(1_000_000)}`],
  ['a megabyte of openings', 'create table a (/*'.repeat(50_000)],
  [
    'blocks in blocks',
    `do $a$ begin execute 'do $b$ begin execute ''do $c$ begin create table a (id int); end $c$''; end $b$'; end $a$`,
  ],
  ['bytes', `create table a\0 (id int);\uFFFD\uFFFD${String.fromCharCode(1, 2, 3, 0xd800)}`],
  [
    'names of what every object has',
    'create table __proto__ (constructor int primary key); create policy toString on __proto__ using (true);',
  ],
]

test.each(HOSTILE)('%s neither throws nor hangs', async (_, sql) => {
  const start = performance.now()
  for (const path of ['supabase/migrations/1.sql', 'prisma/schema.prisma', 'db/schema.ts'])
    await databasesOf({ [path]: sql })
  // The next file is read as ever.
  const [next] = await databasesOf({ 'db/schema.sql': 'create table next_one (id uuid);' })
  expect(next?.tables.map(({ name }) => name)).toEqual(['next_one'])
  expect(performance.now() - start).toBeLessThan(20_000)
})

test('a parser that is fed to overflow fifty times still reads the next statement', async () => {
  const deep = `create table deep (id int default 1${'+1'.repeat(5_900)});`
  const found = await tablesOf(deep.repeat(50), 'create table after_it (id uuid);')
  expect(found.map(({ name }) => name)).toContain('after_it')
})
