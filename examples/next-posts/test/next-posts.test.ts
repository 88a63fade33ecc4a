import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { builtScripts, SERVER_WORDS } from './bundles.ts'
import { findChromium, MISSING } from './chromium.ts'
import { endpointSuite } from './endpoint-suite.ts'
import { forgedCallsSuite } from './forged-calls-suite.ts'
import { journeySuite } from './journey-suite.ts'
import { embeddedPlace, type Place, postgresPlace } from './place.ts'
import { buildNext, PROJECT, type Running, startNext, startPostern } from './running.ts'
import { startSuite } from './start-suite.ts'

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
  expect(built.said).not.toMatch(/warn|error|ECONNREFUSED|database opened/i)
})

test.each(Object.entries(SERVER_WORDS))('browsers are sent nothing of %s', (_name, word) => {
  const { client, server } = builtScripts()
  // Not the texts themselves: they are megabytes.
  expect({ server: server.includes(word), client: client.includes(word) }).toEqual({ server: true, client: false })
  expect(client.includes('aria-invalid')).toBe(true)
})

describe('under next start, on PostgreSQL', () => {
  let server: Running
  let place: Place
  beforeAll(async () => {
    place = await postgresPlace()
    server = await startNext(place.environment)
  }, 120_000)
  afterAll(async () => {
    await server?.stop()
    await place?.close()
  })

  describe('the routes', () => {
    endpointSuite(() => server.url)
  })
  describe('refused without any effect:', () => {
    forgedCallsSuite(() => ({ url: server.url, place }))
  })

  const program = findChromium()
  describe.skipIf(program === undefined)(`in a browser${program === undefined ? `, ${MISSING}` : ''}`, () => {
    let browser: Browser
    beforeAll(async () => {
      const quiet = ['--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync']
      // As root Chromium has no sandbox of its own.
      const alone = process.getuid?.() === 0 ? ['--no-sandbox'] : []
      browser = await chromium.launch({ executablePath: program!, args: [...quiet, ...alone] })
    })
    afterAll(() => browser?.close())
    describe.each([true, false])('with JavaScript: %s', (javaScript) => {
      journeySuite(javaScript, () => ({ url: server.url, place, browser }))
    })
  })

  test('and its log has no failure but the second author page of one person', () => {
    const failures = server
      .said()
      .split('\n')
      .filter((line) => line.includes('"level":50') && !line.includes('authors_owner_id_key'))
    expect(failures).toEqual([])
  })
})

describe.each([
  { host: 'next start', on: 'the embedded database', start: startNext, place: embeddedPlace },
  { host: 'postern start', on: 'PostgreSQL', start: startPostern, place: postgresPlace },
])('the same routes under $host, on $on', ({ start, place }) => {
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

describe('what is missing', () => {
  startSuite()
})

test('the routes were the same files, byte for byte', () => {
  expect(before.length).toBeGreaterThanOrEqual(6)
  expect(routeFiles()).toEqual(before)
})
