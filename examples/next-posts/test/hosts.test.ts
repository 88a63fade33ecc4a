import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { endpointSuite } from './endpoint-suite.ts'
import { embeddedPlace, postgresPlace } from './place.ts'
import { buildNext, PROJECT, type Running, startNext, startPostern } from './running.ts'

/** The route files of both hosts, by what is in them. */
function routeFiles(): string[] {
  const app = join(PROJECT, 'app')
  return readdirSync(app, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('route.ts'))
    .sort()
    .map(
      (path) =>
        `${path} ${createHash('sha256')
          .update(readFileSync(join(app, path)))
          .digest('hex')}`,
    )
}

const before = routeFiles()
let built: { code: number; said: string }
beforeAll(async () => {
  // No database is there, and no secret: nobody is served while Next.js builds.
  built = await buildNext({ DATABASE_URL: 'postgres://nobody@127.0.0.1:9/nowhere' })
}, 300_000)

test('next build ends well, warns of nothing, and opens no database', () => {
  expect(built.code, built.said).toBe(0)
  expect(built.said).not.toMatch(/warn|error|ECONNREFUSED|database opened|PGlite/i)
})

describe.each([
  { host: 'next start', on: 'PostgreSQL', start: startNext, place: postgresPlace },
  { host: 'next start', on: 'the embedded database', start: startNext, place: embeddedPlace },
  { host: 'postern start', on: 'PostgreSQL', start: startPostern, place: postgresPlace },
])('the routes under $host, on $on', ({ start, place }) => {
  let server: Running
  let at: Awaited<ReturnType<typeof place>>
  beforeAll(async () => {
    at = await place()
    server = await start(at.environment)
  }, 120_000)
  afterAll(async () => {
    await server?.stop()
    await at?.close()
  })
  endpointSuite(() => server.url)
})

test('were the same files, byte for byte', () => {
  expect(before.length).toBeGreaterThanOrEqual(6)
  expect(routeFiles()).toEqual(before)
})
