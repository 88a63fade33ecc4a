import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { createTestDatabase, execute, type TestDatabase } from '../../../../test/support/postgres.js'
import { makeProject, NOTES, type Outcome, POSTERN, type TestProject } from '../../test/with-project.js'

// Each command is a process of its own, and some open an embedded database.
vi.setConfig({ testTimeout: 180_000 })

const json = ({ stdout }: Outcome) => JSON.parse(stdout) as Record<string, unknown>

let where: TestDatabase
let environment: Record<string, string>
beforeAll(async () => void (where = await createTestDatabase()))
afterAll(() => where.drop())
beforeEach(async () => {
  environment = { DATABASE_URL: where.url, MIGRATION_DATABASE_URL: where.migrationUrl }
  await execute(where.adminUrl, 'drop schema if exists postern cascade; drop table if exists notes, a, b, t')
})

describe('postern migrate status', () => {
  let project: TestProject
  beforeAll(async () => {
    project = makeProject(NOTES)
    await project.postern(['migrate', 'new'])
  })

  test('pending is 1, applied is 0, changed is 1 again; the login of the server is enough; a pipe gets JSON', async () => {
    const bare = { DATABASE_URL: where.url }
    const pending = await project.postern(['migrate', 'status'], bare)
    expect(pending).toMatchObject({ code: 1, stderr: '' })
    expect(pending.stdout).toMatch(
      /^MIGRATION {2}APPLIED +STATE\n0001_init +pending\n\n.* has not seen 1 of 1: run postern migrate up\n$/,
    )
    expect(await execute(where.adminUrl, "select to_regnamespace('postern') n")).toEqual([{ n: null }])

    await project.postern(['migrate', 'up'], environment)
    const applied = await project.postern(['migrate', 'status', '--json', '--drift'], bare)
    expect(applied).toMatchObject({ code: 0, stderr: '' })
    expect(json(applied)).toEqual({
      version: 1,
      database: expect.stringMatching(/^postgres:\/\/test_app@127\.0\.0\.1:\d+\/test_/),
      migrations: [{ name: '0001_init', state: 'applied', appliedAt: expect.stringMatching(/^\d{4}-.*Z$/) }],
      upToDate: true,
      drift: [],
    })

    await execute(where.adminUrl, 'alter table notes no force row level security')
    const drifted = await project.postern(['migrate', 'status', '--drift'], { ...bare, NODE_ENV: 'production' })
    expect(drifted.code).toBe(1)
    expect(drifted.stdout).toContain('drift  notes: forced row-level security is off; the migrations say on\n1 found')

    await execute(where.adminUrl, "update postern.migrations set checksum = 'other'")
    const changed = await project.postern(['migrate', 'status'], bare)
    expect(changed.code).toBe(1)
    expect(changed.stdout).toMatch(
      /0001_init .* UTC {2}changed after it was applied\n\nmigrations\/0001_init\.sql was changed/,
    )
    expect(await project.postern(['migrate', 'status', '--drift'], bare)).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('Drift cannot be told while 0001_init is changed'),
    })
  })

  test('an embedded database that nobody has made is not made by looking', async () => {
    const outcome = await project.postern(['migrate', 'status', '--json'])
    expect(outcome.code).toBe(1)
    expect(json(outcome)).toMatchObject({ upToDate: false, migrations: [{ state: 'pending', appliedAt: null }] })
    expect(existsSync(join(project.directory, '.postern', 'db'))).toBe(false)
  })

  test('a database that is not there cannot be told about: 2', async () => {
    const outcome = await project.postern(['migrate', 'status'], {
      DATABASE_URL: 'postgres://me:secret-word@127.0.0.1:1/x',
    })
    expect(outcome).toMatchObject({ code: 2, stdout: '' })
    expect(outcome.stderr).toMatch(/^postern: No database listens there .*\n {2}\S.*\n$/)
    expect(outcome.stderr).not.toContain('secret-word')
  })
})

const slow = (sql: string) => ({
  ...NOTES,
  'migrations/0001_a.sql': 'create table a (n int);',
  'migrations/0002_b.sql': sql,
})

describe('processes that migrate at once', () => {
  test('each migration runs once, the second waits and says so, and both end well', async () => {
    const project = makeProject(slow('create table b (n int);\ninsert into b values (1);\nselect pg_sleep(4);'))
    // A directory each for what they compile: two terminals of one person would have one checkout each.
    const other = makeProject(slow('create table b (n int);\ninsert into b values (1);\nselect pg_sleep(4);'))
    const outcomes = await Promise.all([
      project.postern(['migrate', 'up'], environment),
      other.postern(['migrate', 'up'], environment),
    ])
    expect(outcomes.map(({ code }) => code)).toEqual([0, 0])
    const said = outcomes.map(({ stdout }) => stdout).join('')
    expect(said.match(/Applied 0001_a/g)).toHaveLength(1)
    expect(said.match(/Applied 0002_b/g)).toHaveLength(1)
    expect(outcomes.map(({ stderr }) => stderr).join('')).toBe(
      'Another process is migrating this database: waiting for it\n',
    )
    expect(await execute(where.adminUrl, 'select count(*)::int n from b')).toEqual([{ n: 1 }])
  })

  test('one that is killed in the middle leaves nothing, and the next succeeds without waiting for its statement', async () => {
    const project = makeProject(slow('create table b (n int);\nselect pg_sleep(120);'))
    const killed = project.launch([POSTERN, 'migrate', 'up'], environment)
    await killed.says(/Applied 0001_a/)
    await vi.waitFor(
      async () =>
        expect(
          await execute(
            where.adminUrl,
            "select from pg_stat_activity where query like 'select pg_sleep(120)%' and datname = current_database()",
          ),
        ).toHaveLength(1),
      { timeout: 30_000 },
    )
    killed.child.kill('SIGKILL')
    project.write('migrations/0002_b.sql', 'create table b (n int);')
    const started = Date.now()
    expect(await project.postern(['migrate', 'up'], environment)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^Applied 0002_b in \d+ ms\n$/),
    })
    expect(Date.now() - started).toBeLessThan(60_000)
    expect(await execute(where.adminUrl, 'select name from postern.migrations order by 1')).toEqual([
      { name: '0001_a' },
      { name: '0002_b' },
    ])
  })
})

describe('postern migrate check', () => {
  let project: TestProject
  beforeEach(async () => {
    project = makeProject(NOTES)
    await project.postern(['migrate', 'new'])
  })
  const check = () => project.postern(['migrate', 'check'], { DATABASE_URL: 'postgres://me@127.0.0.1:1/nowhere' })

  test('a project in order is 0, and no database of its own is opened', async () => {
    expect(await check()).toEqual({
      code: 0,
      stdout: 'The migrations make the schema, and every table is locked\n',
      stderr: '',
    })
    expect(json(await project.postern(['migrate', 'check', '--json']))).toEqual({ version: 1, findings: [] })
    expect(existsSync(join(project.directory, '.postern', 'db'))).toBe(false)
  })

  test('a change that no migration holds is named', async () => {
    project.write('schema.ts', NOTES['schema.ts']!.replace('text: text()', 'title: text(), text: text()'))
    expect(await check()).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('no migration holds: the column notes.title is new (run postern migrate new)'),
    })
  })

  test('files that do not follow each other are each named', async () => {
    project.write('migrations/0003_b.sql', 'select 1;')
    project.write('migrations/meta/0007_snapshot.json', '{}')
    const { code, stdout } = await check()
    expect(code).toBe(1)
    expect(stdout).toContain('Before migrations/0003_b.sql the number 0002 is missing')
    expect(stdout).toContain('0007_snapshot.json belongs to no migration')
    expect(stdout).toContain('migrations/0003_b.sql has no readable snapshot migrations/meta/0003_snapshot.json')
  })

  test('a chain of snapshots that two branches broke is named', async () => {
    await project.postern(['migrate', 'new', '--empty', 'x'])
    const path = 'migrations/meta/0002_snapshot.json'
    project.write(path, JSON.stringify({ id: 'a', prevId: 'b', version: '7', dialect: 'postgresql', tables: {} }))
    expect(await check()).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('0002_snapshot.json does not follow'),
    })
  })

  test.each([
    [
      'unlocks a table',
      'alter table notes no force row level security;',
      'notes has no forced row-level security when all migrations are applied',
    ],
    ['makes a table of its own without a lock', 'create table t (n int);', 't has no row-level security'],
    [
      'alters a policy',
      'alter policy notes_read on notes using (true);',
      'notes: policy notes_read: USING is true; the schema says (owner_id =',
    ],
    ['drops a column', 'alter table notes drop column text;', 'notes: column text is missing'],
  ])('SQL by hand that %s is found, whatever the snapshot says', async (_what, sql, finding) => {
    await project.postern(['migrate', 'new', '--empty', 'x'])
    project.write('migrations/0002_x.sql', sql)
    expect(await check()).toMatchObject({ code: 1, stdout: expect.stringContaining(`wrong  ${finding}`) })
  })

  test('SQL that does not run is one sentence with its place: 2', async () => {
    await project.postern(['migrate', 'new', '--empty', 'x'])
    project.write('migrations/0002_x.sql', '\ninsert into nowhere values (1);')
    expect(await check()).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(/^postern: migrations\/0002_x\.sql:2 failed: relation "nowhere" .*\n {2}\S.*\n$/),
    })
  })
})
