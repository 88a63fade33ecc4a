import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { serve } from '../../packages/postern/src/server/serve.js'
import { execute, type TestDatabase } from '../support/postgres.js'
import { boardDatabase } from './board-database.js'
import { boardSabotages, type FaultName, type FaultRun, faults, LIMIT_MS, provoke } from './database-faults.js'
import { faultProxy } from './fault-proxy.js'
import { smallDisk } from './full-disk.js'
import { brokenLimits, exhaust } from './limits.js'
import { noticeboard, type NoticeboardOptions, tokenOf } from './noticeboard.js'

let place: TestDatabase
beforeAll(async () => {
  place = await boardDatabase()
})
afterAll(() => place.drop())

/** All that went wrong; nothing where the claim holds. A loaded machine adds to waiting, never to anything else. */
function wrongsOf({ wrong, untrue, left, longestMs }: FaultRun): string[] {
  const slow = longestMs > LIMIT_MS + 5_000 ? [`somebody waited ${Math.round(longestMs)} ms`] : []
  return [...wrong.slice(0, 5), ...untrue, ...left, ...slow]
}

describe('a database that fails under load', () => {
  test.each(Object.keys(faults) as FaultName[])(
    '%s: only 503 and 504, nothing untrue, nothing left behind',
    async (name) => {
      const run = await provoke(faults[name], { place, seed: 1 + Object.keys(faults).indexOf(name), rounds: 2 })
      expect(wrongsOf(run)).toEqual([])
      // The control: the fault was felt, and work went on.
      expect(Object.keys(run.statuses).some((key) => key.startsWith('50'))).toBe(true)
      expect(run.statuses['201']).toBeGreaterThan(0)
      expect(run.recoveryMs).toBeLessThan(10_000)
    },
  )

  test('the control: a connection that is not given back after an error is missed', async () => {
    const sabotage = boardSabotages['connection not released']
    const run = await provoke(faults['connections reset'], { place, seed: 99, rounds: 2, sabotage })
    expect(wrongsOf(run)).toContainEqual(expect.stringMatching(/only \d of 4 connections came back/))
  })
})

describe('a pool whose connections are all taken', () => {
  const limits = { poolWaitMs: 300, statementTimeoutMs: 1_500 }

  test('others are told to come back, what takes too long is stopped, and then all is well', async () => {
    expect(brokenLimits(await exhaust(place, limits), limits)).toEqual([])
  })

  test.each([
    ['the wait for a connection has no limit', { poolWaitMs: 3_600_000 }, 'pool wait: 200'],
    ['a statement has no time limit', { statementTimeoutMs: 3_600_000 }, 'statement: 200'],
  ])('the control: %s, and it is seen', async (_, sabotage, seen) => {
    const broken = brokenLimits(await exhaust(place, { ...limits, ...sabotage }), limits)
    expect(broken).toContainEqual(expect.stringContaining(seen))
  })
})

/** A noticeboard on a socket of its own, and Alice. */
async function serving(options: NoticeboardOptions) {
  const board = noticeboard(options)
  const server = await serve({ ...board, port: 0, logs: false })
  const token = await tokenOf('alice')
  const call = async (path: string, body?: unknown, as = token) => {
    const headers = { authorization: `Bearer ${as}`, 'content-type': 'application/json' }
    const sent = body === undefined ? { headers } : { method: 'POST', headers, body: JSON.stringify(body) }
    const answer = await fetch(server.url + path, sent)
    return { status: answer.status, retryAfter: answer.headers.get('retry-after'), text: await answer.text() }
  }
  return { board, server, call }
}

test('a write whose answer is lost is not called undone, and one that is undone is', async () => {
  const proxy = await faultProxy(place.url)
  const { server, call } = await serving({ url: proxy.url, database: { poolSize: 1 } })
  const cut = async (path: string, body: string) => {
    expect((await call('/notices')).status).toBe(200)
    proxy.cutAnswers()
    const { status, retryAfter, text } = await call(path, { body })
    proxy.heal()
    return [status, retryAfter, (JSON.parse(text) as { code: string }).code]
  }
  // One statement, which PostgreSQL made final before it answered; and the first of two, after which nothing was final.
  expect(await cut('/notices', 'nobody knows')).toEqual([503, null, 'outcome-unknown'])
  expect(await cut('/by-function', 'undone')).toEqual([503, '1', 'unavailable'])
  await server.close()
  await proxy.close()
  const rows = await execute(place.adminUrl, "select body from notices where body in ('nobody knows', 'undone')")
  expect(rows).toEqual([{ body: 'nobody knows' }])
})

test('asked for its health while connections are silent, it does not lose them one by one', async () => {
  const proxy = await faultProxy(place.url)
  const { server } = await serving({ url: proxy.url, database: { poolSize: 2, poolWaitMs: 200 } })
  const ready = async () => (await fetch(`${server.url}/readyz`)).status
  await Promise.all([ready(), ready()])
  proxy.lose()
  expect(await ready()).toBe(503)
  await expect.poll(ready, { timeout: 20_000 }).toBe(200)
  await server.close()
  await proxy.close()
})

test('a disk that is full: writes are refused for the time being, reads are answered, and then all is well', async (context) => {
  const disk = await smallDisk()
  if (disk === null) return context.skip('this user may not mount a small disk')
  const own = await boardDatabase()
  try {
    await execute(own.adminUrl, `create tablespace ${own.name} location '${disk.folder}'`)
    await execute(own.adminUrl, `alter table notices set tablespace ${own.name}`)
    const { server, call, board } = await serving({ url: own.url })
    const failures: unknown[] = []
    board.backend.events.observe((event) => event.type === 'request.failed' && failures.push(event.error))
    expect((await call('/notices', { body: 'before' })).status).toBe(201)
    await disk.fill()
    // What can be compressed would find room.
    const bodies = Array.from({ length: 40 }, () => randomBytes(2_000).toString('base64'))
    const answers = await Promise.all(bodies.map((body) => call('/notices', { body })))
    const refused = answers.filter(({ status }) => status !== 201)
    expect(refused.length).toBeGreaterThan(0)
    for (const { status, retryAfter, text } of refused) {
      expect([status, retryAfter, JSON.parse(text)]).toEqual([
        503,
        '1',
        expect.objectContaining({ code: 'unavailable' }),
      ])
    }
    expect(failures).toContainEqual(expect.objectContaining({ code: '53100' }))
    expect((await call('/notices')).status).toBe(200)
    await disk.empty()
    expect((await call('/notices', { body: 'after' })).status).toBe(201)
    const [count] = await execute(own.adminUrl, 'select count(*)::int as count from notices')
    expect(count!['count']).toBe(2 + answers.length - refused.length)
    await server.close()
  } finally {
    await own.drop()
    await execute(place.adminUrl, `drop tablespace if exists ${own.name}`).catch(() => {})
    await disk.remove()
  }
})

describe('a clock that is set', () => {
  test.each([-86_400_000, 3_600_000, 10 * 365 * 86_400_000])(
    'by %d ms while requests run: limits and waits go by another one',
    async (step) => {
      const { server, call } = await serving({ url: place.url, requestTimeoutMs: 4_000, now: () => NOW })
      const running = [call('/slow/400'), call('/slow/400'), call('/notices', { body: 'meanwhile' })]
      await pause(100)
      const real = Date.now
      vi.spyOn(Date, 'now').mockImplementation(() => real.call(Date) + step)
      try {
        const began = performance.now()
        expect((await Promise.all(running)).map(({ status }) => status)).toEqual([200, 200, 201])
        expect((await call('/notices')).status).toBe(200)
        expect((await fetch(`${server.url}/readyz`)).status).toBe(200)
        expect(performance.now() - began).toBeLessThan(10_000)
      } finally {
        vi.restoreAllMocks()
        await server.close()
      }
    },
  )

  const NOW = Date.now()

  test('tokens are judged by the clock as it is: expired ones are 401, and good again when it is set back', async () => {
    let now = NOW
    const { server, call } = await serving({ url: place.url, now: () => now })
    const token = await tokenOf('alice', Math.floor(NOW / 1000) + 60)
    const status = async () => (await call('/notices', undefined, token)).status
    const seen = [await status()]
    for (const at of [NOW + 3_600_000, NOW, NOW - 86_400_000]) {
      now = at
      seen.push(await status())
    }
    expect(seen).toEqual([200, 401, 200, 200])
    await server.close()
  })
})
