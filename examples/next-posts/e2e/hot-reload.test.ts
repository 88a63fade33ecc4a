import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { embeddedPlace, type Place, postgresPlace, SERVER } from '../test/place.ts'
import { developNext, PROJECT, type Running } from '../test/running.ts'
import { signedUp } from '../test/visitor.ts'

/** Files that are in one module graph each: a route, a page, and what both of them load. */
const FILES = ['app/api/posts/route.ts', 'app/page.tsx', 'backend.ts', 'schema/posts.ts', 'inputs.ts']
const texts = new Map(FILES.map((file) => [file, readFileSync(join(PROJECT, file), 'utf8')]))

const restore = () => texts.forEach((text, file) => writeFileSync(join(PROJECT, file), text))
afterAll(restore)

/** Changes a file so that Next.js takes it over, and asks a page and a route until both have answered from what is new. */
async function touch(file: string, server: Running, count: number): Promise<void> {
  const line = `${file} was evaluated anew, ${count}`
  writeFileSync(join(PROJECT, file), `${texts.get(file)}\nprocess.stdout.write('${line}\\n')\n`)
  await new Promise((resolve) => setTimeout(resolve, 1_000))
  for (const path of ['/', '/api/posts', '/api/users', '/archive']) {
    const response = await fetch(`${server.url}${path}`)
    expect(response.status, `${path} after ${file} was changed:\n${server.said()}`).toBe(200)
    await response.arrayBuffer()
  }
  expect(server.said()).toContain(line)
}

test('the embedded database is opened once, however often files change, and loses nothing', async () => {
  const place = await embeddedPlace()
  // As whoever sets nothing up has it: no secret and no word that says so.
  const { POSTERN_DIRECTORY } = place.environment
  const server = await developNext({ POSTERN_DIRECTORY: POSTERN_DIRECTORY! })
  try {
    const alice = await signedUp(server.url, 'Alice')
    const made: string[] = []
    for (const [index, file] of FILES.entries()) {
      await touch(file, server, index)
      const { status, body } = await alice.send('POST', '/api/posts', { title: `After ${file}`, body: 'Text' })
      expect(status, server.said()).toBe(201)
      made.push((body as { id: string }).id)
    }
    const { body } = await alice.get('/api/posts?limit=100')
    expect((body as { data: { id: string }[] }).data.map(({ id }) => id).sort()).toEqual(made.sort())
    expect(server.said().match(/database opened/g)).toHaveLength(1)
    expect(server.said()).not.toMatch(/is in use by|MaxListenersExceeded/)
  } finally {
    restore()
    await server.stop()
    await place.close()
  }
})

let place: Place
beforeAll(async () => void (place = await postgresPlace()))
afterAll(() => place?.close())

test('one pool serves all copies of the backend, however often files change', async () => {
  const server = await developNext(place.development)
  try {
    const seen: number[] = []
    for (const [index, file] of FILES.entries()) {
      await touch(file, server, index)
      seen.push(await sessions(place))
    }
    // Ten is the size of one pool. Requests one after the other need fewer, and not more with each change.
    expect(Math.max(...seen)).toBeLessThanOrEqual(10)
    expect(seen.at(-1)).toBeLessThanOrEqual(seen[0]! + 2)
  } finally {
    restore()
    await server.stop()
  }
})

/** The connections that the server has to its database. */
async function sessions({ db }: Place): Promise<number> {
  const { rows } = await db
    .service('test')
    .execute(sql`select count(*)::int as count from pg_stat_activity where application_name = ${SERVER}`)
  return (rows[0] as { count: number }).count
}
