import { Client } from 'pg'
import { afterEach, describe, expect, inject, test } from 'vitest'
import { backend } from '../../test/project/backend.js'
import { testBackend, type TestBackend } from './test-backend.js'

const directory = new URL('../../test/project', import.meta.url).pathname
const load = (file: string) => import(file)
let app: TestBackend | undefined
afterEach(async () => {
  await app?.close()
  app = undefined
})

async function databases(): Promise<string[]> {
  const client = new Client({ connectionString: inject('postgresUrl') })
  await client.connect()
  const { rows } = await client.query<{ datname: string }>(
    "select datname from pg_database where datname like 'postern\\_test\\_%'",
  )
  await client.end()
  return rows.map(({ datname }) => datname)
}

const fails = () => Promise.reject(new Error('the seed is wrong'))

describe('a project under test', () => {
  test.each([
    ['in memory', () => ''],
    ['on a PostgreSQL', () => inject('postgresUrl')],
  ])('has its own routes and migrations, on a fresh database %s each time', async (_, url) => {
    for (let time = 0; time < 2; time += 1) {
      app = await testBackend(backend, { directory, load, url: url() })
      const made = await app.as('alice').post('/api/notes', { text: 'Hello' })
      expect([made.status, made.headers.get('location')]).toEqual([201, '/api/notes/1'])
      expect((await app.as('alice').get('/api/notes')).body).toMatchObject({ data: [{ text: 'Hello' }] })
      expect((await app.as('bob').get('/api/notes/1')).status).toBe(404)
      expect((await app.as('alice').delete('/api/notes/1')).status).toBe(204)
      await app.close()
    }
  })

  test('takes its PostgreSQL database away again', async () => {
    const before = await databases()
    app = await testBackend(backend, { directory, load, url: inject('postgresUrl') })
    expect((await databases()).length).toBeGreaterThan(before.length)
    await app.close()
    expect((await databases()).filter((name) => !before.includes(name))).toEqual([])
  })

  test('is seeded before its first request', async () => {
    const seed = `set local role service_role; insert into notes (text, owner_id) values ('seeded', 'alice')`
    app = await testBackend(backend, {
      directory,
      load,
      url: '',
      seed: (owner) => owner.script(`begin; ${seed}; commit`),
    })
    expect((await app.as('alice').get('/api/notes')).body).toMatchObject({ data: [{ text: 'seeded' }] })
  })

  test('whose seed fails leaves nothing behind', async () => {
    const before = await databases()
    await expect(testBackend(backend, { directory, load, url: inject('postgresUrl'), seed: fails })).rejects.toThrow(
      'the seed is wrong',
    )
    expect(await databases()).toEqual(before)
    app = await testBackend(backend, { directory, load, url: '' })
    expect((await app.as('alice').get('/api/notes')).status).toBe(200)
  })
})
