import { expect, test } from 'vitest'
import { databasesOf } from '../../../test/databases-of.js'

const shape = async (files: Readonly<Record<string, string>>) => {
  const databases = await databasesOf(files)
  return databases.flatMap(({ dialect, saidBy, tables }) =>
    tables.map(({ schema, name, key, rowSecurity, columns }) => ({
      said: `${saidBy} ${dialect} ${schema}.${name}(${key.join()}) ${rowSecurity}`,
      columns: columns.map(
        (column) =>
          `${column.name} ${column.type}${column.isCounted ? ' counted' : ''}${column.references === null ? '' : ` → ${column.references}`}`,
      ),
    })),
  )
}

test('a Prisma model is a table, its relations are none of its columns', async () => {
  const found = await shape({
    'prisma/schema.prisma': `datasource db {
  url = env("URL") // provider = "mysql"
  provider = "postgresql"
}
enum Role { USER }
/// model Not { }
model Post {
  id       Int      @id @default(autoincrement())
  link     String   @default("https://example.org/}")
  at       DateTime @default(now()) @db.Timestamptz(3)
  day      DateTime @db.Date
  made     DateTime?
  tags     Int[]
  role     Role
  author   User     @relation("by", fields: [authorId], references: [id])
  authorId BigInt

  @@map("posts")
}
model User {
  id    BigInt
  posts Post[] @relation("by")
  total Decimal
  @@id([id, total])
  @@schema("people")
}`,
  })
  expect(found).toEqual([
    {
      said: 'prisma postgresql public.Post(id) off',
      columns: [
        'id int32 counted',
        'link text',
        'at instant',
        'day other',
        'made local-time',
        'tags other',
        'authorId int64 → User',
      ],
    },
    { said: 'prisma postgresql people.User(id,total) off', columns: ['id int64', 'total decimal'] },
  ])
})

test('models in several files of one folder are one database', async () => {
  const databases = await databasesOf({
    'prisma/base.prisma': 'datasource db {\n  provider = "sqlite"\n}',
    'prisma/models/a.prisma': 'model A {\n  id Int @id\n  at DateTime\n}',
  })
  expect(
    databases.map(({ home, dialect, tables }) => [
      home,
      dialect,
      ...tables.flatMap(({ columns }) => columns.map(({ type }) => type)),
    ]),
  ).toEqual([['prisma', 'sqlite', 'int64', 'other']])
})

test('Drizzle’s tables are found by what they are built of', async () => {
  const found = await shape({
    'src/db/schema.ts': `
import { integer, pgSchema, pgTable, pgTableCreator, primaryKey, serial as counted, timestamp } from 'drizzle-orm/pg-core'
import * as t from 'drizzle-orm/pg-core'
const times = { createdAt: timestamp('created_at', { mode: 'date' }).defaultNow(), seenAt: timestamp({ withTimezone: true }) }
export const users = pgTable('users', { id: counted('id').primaryKey(), ...times })
const make = pgTableCreator((name) => \`app_\${name}\`)
export const posts = make('post', (d) => ({ id: d.integer().primaryKey().generatedByDefaultAsIdentity(), by: d.integer().references(() => users.id) }))
export const links = t.pgTable('links', { a: t.bigint('a', { mode: 'number' }), b: t.uuid() }, (table) => [primaryKey({ columns: [table.a, table.b] })]).enableRLS()
const hidden = pgSchema('hidden')
export const logs = hidden.table('logs', { cost: t.doublePrecision() })
const map = new Map(); map.set('users', {})
`,
  })
  expect(found).toEqual([
    {
      said: 'drizzle postgresql public.users(id) off',
      columns: ['id int32 counted', 'created_at local-time', 'seenAt instant'],
    },
    { said: 'drizzle postgresql public.post(id) off', columns: ['id int32 counted', 'by int32 → users'] },
    { said: 'drizzle postgresql public.links(a,b) on', columns: ['a int64', 'b uuid'] },
    { said: 'drizzle postgresql hidden.logs() off', columns: ['cost float'] },
  ])
})

test('Drizzle’s SQLite and MySQL have types of their own', async () => {
  const found = await shape({
    'a.ts':
      "import { integer, real, sqliteTable } from 'drizzle-orm/sqlite-core'\nexport const a = sqliteTable('a', { id: integer().primaryKey({ autoIncrement: true }), price: real() })",
    'b.ts':
      "import { int, mysqlTable, serial, timestamp } from 'drizzle-orm/mysql-core'\nexport const b = mysqlTable('b', { id: serial().primaryKey(), n: int(), at: timestamp() })",
  })
  expect(found).toEqual([
    { said: 'drizzle sqlite public.a(id) off', columns: ['id int64', 'price float'] },
    { said: 'drizzle mysql public.b(id) off', columns: ['id int64 counted', 'n int32', 'at other'] },
  ])
})

test('policies of Drizzle are read as those of SQL', async () => {
  const [database] = await databasesOf({
    'schema.ts': `
import { sql } from 'drizzle-orm'
import { crudPolicy, pgPolicy, pgRole, pgTable, uuid } from 'drizzle-orm/pg-core'
import { anonRole, authenticatedRole } from 'drizzle-orm/supabase'
const staff = pgRole('Staff')
export const a = pgTable('a', { id: uuid() }, (t) => [
  pgPolicy('one', { as: 'restrictive', for: 'update', to: [anonRole, staff], using: sql\`\${t.id} = auth.uid()\`, withCheck: sql\`true\` }),
  pgPolicy('two', { to: 'public', using: isMine(t) }),
  crudPolicy({ role: authenticatedRole, read: true, modify: false }),
])`,
  })
  expect(database).toMatchObject({ isExposed: true, tables: [{ rowSecurity: 'on' }] })
  expect(database!.tables[0]!.policies).toMatchObject([
    {
      name: 'one',
      command: 'update',
      roles: ['anon', 'staff'],
      using: 'own',
      check: 'everything',
      isRestrictive: true,
    },
    { name: 'two', command: 'all', roles: ['public'], using: 'own', check: null, isRestrictive: false },
    {
      name: 'crud read',
      command: 'select',
      roles: ['authenticated'],
      using: 'everything',
      check: null,
      isRestrictive: false,
    },
    {
      name: 'crud modify',
      command: 'all',
      roles: ['authenticated'],
      using: 'nothing',
      check: 'nothing',
      isRestrictive: false,
    },
  ])
})

test('our own tables have their policies by construction', async () => {
  const found = await shape({
    'schema.ts':
      "import { id, instant, money, table, user } from 'postern/schema'\nexport const notes = table('notes', { id: id(), total: money(), at: instant() }, { owner: user() })",
  })
  expect(found).toEqual([
    { said: 'postern postgresql public.notes(id) on', columns: ['id int64 counted', 'total decimal', 'at instant'] },
  ])
})

test.each([
  ['truncated', "import { pgTable, text } from 'drizzle-orm/pg-core'\nexport const a = pgTable('a', { id: text("],
  [
    'spreads of itself',
    "import { pgTable } from 'drizzle-orm/pg-core'\nconst x = { ...x, ...y }; const y = { ...x }\nexport const a = pgTable('a', { ...x })",
  ],
  [
    'a long chain',
    `import { pgTable, text } from 'drizzle-orm/pg-core'\nexport const a = pgTable('a', { b: text()${'.notNull()'.repeat(2_000)} })`,
  ],
  [
    'no arguments',
    "import { pgTable, pgPolicy, pgSchema, pgTableCreator } from 'drizzle-orm/pg-core'\nconst a = pgTable(), b = pgSchema(), c = b.table(...d), e = pgTableCreator()(), f = pgTable('f', {}, [pgPolicy()])",
  ],
])('code with %s is read as far as it goes', async (_, code) => {
  const databases = await databasesOf({ 'schema.ts': code })
  expect(databases.length).toBeLessThanOrEqual(1)
})
