import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'drizzle-orm'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createTestDatabase, has, type TestDatabase } from '../../../../test/support/postgres.js'
import type { Event } from '../events.js'
import { type Database, database, type DatabaseOptions } from './database.js'
import { problemOfDatabaseError } from './errors.js'
import { identityOf, SERVICE } from './identity.js'
import { applyMigrations } from './migrations.js'
import { ROLES_SQL } from './roles.js'
import type { Statement } from './statement.js'

type Any = Database<Record<string, never>>

const alice = identityOf({ id: 'alice', roles: [], claims: {} })
const named = (n: number): Statement => ({ name: `named-${n}`, text: `select ${n} + $1::int`, values: [1] })
const add = (word: string): Statement => ({ name: 'add-word', text: 'insert into words values ($1)', values: [word] })
const LOST = 'A pooler stands before PostgreSQL and loses prepared statements, so from now on none are used'

describe.skipIf(!has('pgbouncer'))('behind PgBouncer in transaction mode (Debian: apt-get install pgbouncer)', () => {
  let place: TestDatabase
  const opened: Any[] = []
  const open = (options: Partial<DatabaseOptions<Record<string, never>>> = {}) => {
    const db = database({ schema: {}, url: place.url, migrationUrl: place.migrationUrl, ...options })
    const events: Event[] = []
    db.observe((event) => events.push(event))
    opened.push(db)
    return { db, warnings: () => events.flatMap((event) => (event.type === 'database.warning' ? [event.message] : [])) }
  }
  /** The URL without the word that switches prepared statements off. */
  const bareUrl = () => place.url.replace('?pgbouncer=true', '')
  const words = async (db: Any) => {
    const [result] = await db.asOwner((owner) => owner.batch([{ text: 'select * from words order by 1', values: [] }]))
    return result!.rows.flat()
  }
  beforeAll(async () => {
    place = await createTestDatabase({ on: 'pgbouncer' })
    await open().db.asOwner((owner) =>
      owner.script(`${ROLES_SQL} create table words (word text); grant select, insert on words to authenticated`),
    )
  })
  afterEach(async () => {
    for (const db of opened.splice(0)) await db.close()
  })
  afterAll(() => place.drop())

  /** So that PgBouncer opens its three sessions, and gives them out in turn. */
  async function occupySessions(db: Any): Promise<void> {
    await Promise.all(Array.from({ length: 3 }, () => read(db, { text: 'select pg_sleep(0.1)', values: [] })))
  }
  async function read(db: Any, statement: Statement) {
    const unit = db.unit({ mode: 'read' })
    try {
      return await unit.run(alice, statement)
    } finally {
      await unit.close()
    }
  }

  test('the control: one of our connections meets several sessions, and none is asked to keep anything', async () => {
    const { db, warnings } = open({ poolSize: 3 })
    await occupySessions(db)
    const met = new Set<unknown>()
    for (let turn = 0; turn < 6; turn += 1) {
      met.add((await read(db, { text: 'select pg_backend_pid()', values: [] })).rows[0]![0])
      await read(db, named(0))
    }
    expect(met.size).toBe(3)
    const kept = await read(db, {
      text: "select name from pg_prepared_statements where name like 'named-0%'",
      values: [],
    })
    expect(kept.rows).toEqual([])
    expect(warnings()).toEqual([])
  })

  test('whoever does not say so loses no request, and is told once what to say', async () => {
    const { db, warnings } = open({ url: bareUrl(), prepare: true, poolSize: 1 })
    await occupySessions(open({ poolSize: 3 }).db)
    for (let turn = 0; turn < 12; turn += 1)
      expect((await read(db, named(turn % 3))).rows).toEqual([[`${(turn % 3) + 1}`]])
    expect(warnings()).toEqual([LOST])
  })

  test('nor a write: a transaction whose first statement is lost begins again, and happens once', async () => {
    const { db, warnings } = open({ url: bareUrl(), poolSize: 3 })
    await occupySessions(db)
    const written: string[] = []
    for (let turn = 0; turn < 8; turn += 1) {
      const unit = db.unit({ mode: 'request' })
      await unit.run(alice, add(`write-${turn}`))
      await unit.commit()
      await unit.close()
      written.push(`write-${turn}`)
    }
    expect(warnings()).toEqual([LOST])
    expect((await words(db)).filter((word) => word!.startsWith('write-'))).toEqual(written)
  })

  test('lost in the middle of a transaction it is undone as unavailable, and the next attempt goes through', async () => {
    const { db, warnings } = open({ url: bareUrl(), poolSize: 1 })
    const attempt = async () => {
      const unit = db.unit({ mode: 'request' })
      try {
        await unit.run(alice, add('middle-1'))
        await unit.run(alice, { text: 'deallocate all', values: [] })
        await unit.run(alice, add('middle-2'))
        await unit.commit()
      } finally {
        await unit.close()
      }
    }
    const failed = await attempt().catch((error: unknown) => error)
    expect(problemOfDatabaseError(failed)).toMatchObject({ code: 'unavailable', headers: { 'retry-after': '1' } })
    expect(warnings()).toEqual([LOST])
    expect((await words(db)).filter((word) => word!.startsWith('middle-'))).toEqual([])
    await attempt()
    expect((await words(db)).filter((word) => word!.startsWith('middle-'))).toEqual(['middle-1', 'middle-2'])
  })

  test('two programs that give one name to two texts in one session each get their own answer', async () => {
    const alone = await createTestDatabase({ on: 'pgbouncer' })
    try {
      await open({ migrationUrl: alone.migrationUrl }).db.asOwner((owner) => owner.script(ROLES_SQL))
      const prepare = (poolSize: number, word: string) => {
        const { db, warnings } = open({ url: alone.url.replace('?pgbouncer=true', ''), poolSize })
        const statement = db.service('tests').select({ word: sql<string>`${sql.raw(`'${word}'`)}::text` })
        return { query: statement.from(sql`(select 1) as one`).prepare('same'), warnings }
      }
      // Pools of two sizes are two pools, as those of two processes are.
      const programs = [prepare(1, 'old'), prepare(2, 'new')]
      const answers: unknown[] = []
      for (let turn = 0; turn < 6; turn += 1) answers.push(...(await programs[turn % 2]!.query.execute()))
      expect(answers.map((row) => (row as { word: string }).word)).toEqual(['old', 'new', 'old', 'new', 'old', 'new'])
      expect(programs.flatMap(({ warnings }) => warnings())).toEqual([])
      for (const db of opened.splice(0)) await db.close()
    } finally {
      await alone.drop()
    }
  })

  test('processes that migrate through the pooler at the same moment apply each migration once', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'postern-pooler-'))
    try {
      for (let step = 1; step <= 5; step += 1) {
        await writeFile(join(directory, `000${step}_step.sql`), `create table step_${step} (n int);`)
      }
      const migrationUrl = new URL(place.migrationUrl)
      migrationUrl.port = new URL(place.url).port
      const processes = Array.from({ length: 4 }, (_, n) => open({ migrationUrl: migrationUrl.href, poolSize: n + 1 }))
      const applied = await Promise.all(processes.map(({ db }) => applyMigrations(db, directory)))
      expect(applied.flat().sort()).toEqual(['0001_step', '0002_step', '0003_step', '0004_step', '0005_step'])
      // No lock stays behind in a session that another one gets next.
      const [locks] = await open().db.asOwner((owner) =>
        owner.batch([{ text: "select count(*) from pg_locks where locktype = 'advisory'", values: [] }]),
      )
      expect(locks!.rows).toEqual([['0']])
    } finally {
      await rm(directory, { recursive: true })
    }
  })

  const wrong: [string, (url: URL) => void][] = [
    ['a startup parameter that it does not know', (url) => url.searchParams.set('options', '-c search_path=other')],
    ['a login that it does not know', (url) => (url.username = 'nobody_here')],
    ['a wrong password', (url) => (url.password = 'wrong')],
    ['a database that is not there', (url) => (url.pathname = '/missing')],
  ]
  test.each(wrong)('%s is refused in a sentence, without the password', async (_, change) => {
    const url = new URL(place.url)
    change(url)
    const error = await open({ url: url.href })
      .db.open()
      .catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ name: 'DatabaseUnreachable', hint: expect.stringMatching(/./) })
    expect((error as Error).message).not.toMatch(/test@|:test|wrong/)
  })

  test('the login is looked at through it as well, and found harmless', async () => {
    const { db, warnings } = open()
    await db.open()
    expect(warnings()).toEqual([])
    const unit = db.unit({ mode: 'statement' })
    expect((await unit.run(SERVICE, { text: 'select current_user', values: [] })).rows).toEqual([['service_role']])
    await unit.close()
  })
})
