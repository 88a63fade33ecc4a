import { execFile, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { readOptions } from '../bench/options.js'
import { type BenchResult, ROUTES, SERVERS } from '../bench/result.js'
import { type DeliveriesResult, DELIVERY_SERVERS } from '../bench/webhooks/delivery-result.js'

// A PostgreSQL, five processes and twelve measurements: half a minute where a machine has nothing else to do.
vi.setConfig({ testTimeout: 240_000 })

const RUN = fileURLToPath(new URL('../bench/run.mjs', import.meta.url))

/** Runs the benchmark as `npm run bench` does. */
function bench(...args: string[]): Promise<{ code: number; out: string; errors: string }> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [RUN, ...args], (_error, out, errors) => {
      resolve({ code: child.exitCode ?? -1, out, errors })
    })
  })
}

describe('the benchmark', () => {
  const folder = mkdtempSync(join(tmpdir(), 'postern-bench-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test('compares in one run, without an error, and paved operations take one round trip', async () => {
    const json = join(folder, 'result.json')
    const short = ['--seconds', '1', '--warm-up', '0.5', '--rounds', '1']
    const run = await bench(...short, '--only', 'handwritten,postern', '--latency', '2', '--json', json)
    expect(run.errors).toBe('')
    expect(run.code).toBe(0)
    expect(run.out).toMatch(/^postern( +\d+\.\d\d){7}$/m)

    const result = JSON.parse(readFileSync(json, 'utf8')) as BenchResult
    expect(result).toMatchObject({ version: 1, baseline: 'handwritten' })
    expect(Object.keys(result.results)).toEqual(['handwritten', 'postern'])
    for (const [server, routes] of Object.entries(result.results)) {
      expect(Object.keys(routes), server).toEqual(ROUTES)
      for (const route of ROUTES) {
        const { ratio, rps, p99ms, errors } = routes[route]
        for (const figure of [ratio, rps, p99ms]) expect(figure, `${server} ${route}`).toBeGreaterThan(0)
        expect(errors, `${server} ${route}`).toBe(0)
      }
      expect(result.memory[server]!.rssMb).toBeGreaterThan(0)
    }
    expect(result.latency).toMatchObject({ askedMs: 2 })
    expect(result.latency!.measuredMs).toBeGreaterThan(0)
    expect(result.results['handwritten']!.list.ratio).toBe(1)
    const trips = ROUTES.map((route) => [route, result.results['postern']![route].roundTrips])
    expect(Object.fromEntries(trips)).toEqual({ health: 0, list: 1, read: 1, create: 1, update: 1, invalid: 0 })
  })

  test('compares webhooks with an event and its effect by hand, without an error', async () => {
    const json = join(folder, 'webhooks.json')
    const run = await bench('webhooks', '--seconds', '1', '--warm-up', '0.5', '--rounds', '1', '--json', json)
    expect(run.errors).toBe('')
    expect(run.code).toBe(0)
    const { results, ...said } = JSON.parse(readFileSync(json, 'utf8')) as DeliveriesResult
    expect(said).toEqual({ version: 1, baseline: 'handwritten', fsync: false })
    expect(Object.keys(results)).toEqual(DELIVERY_SERVERS)
    for (const [server, result] of Object.entries(results)) {
      expect(run.out, server).toMatch(new RegExp(`^${server} +\\d+\\.\\d\\d `, 'm'))
      for (const figure of [result.ratio, result.perSecond, result.p99ms, result.roundTrips, result.serverUs])
        expect(figure, server).toBeGreaterThan(0)
      expect(result.errors, server).toBe(0)
    }
    // The worker asks now and then, and is counted along.
    const trips = Object.entries(results).map(([server, { roundTrips }]) => [server, Math.floor(roundTrips)])
    expect(Object.fromEntries(trips)).toEqual({ handwritten: 4, inline: 3, 'one-commit': 3 })
  })

  test('leaves out what it would have to build first, unless it is named', () => {
    const built = SERVERS.filter((name) => name.startsWith('next-'))
    expect(built).toEqual(['next-postern', 'next-prisma'])
    expect(readOptions([]).only).toEqual(SERVERS.filter((name) => !built.includes(name)))
    expect(readOptions(['--only', built.join()]).only).toEqual(built)
  })

  test('compares the servers that its page describes, in their order', () => {
    const [, rest] = readFileSync(new URL('../bench/README.md', import.meta.url), 'utf8').split('\n| server ')
    const rows = rest!.split('\n\n')[0]!.split('\n').slice(2)
    expect(rows.map((row) => /^\| `([\w-]+)` /.exec(row)?.[1])).toEqual(SERVERS)
  })

  test.each([
    [['--rounds', '0'], '--rounds wants a number from 1 to 100, not "0"'],
    [['--only', 'postern,rails'], '--only knows no "rails"'],
    [['--secnods', '5'], "Unknown option '--secnods'"],
    [['webhooks', '--only', 'queued'], '--only knows no "queued"'],
  ])('says in one sentence what is wrong with %j', async (args, sentence) => {
    const { code, out, errors } = await bench(...args)
    expect(code).toBe(2)
    expect(out).toBe('')
    expect(errors).toContain(sentence)
    expect(errors.trim().split('\n')).toHaveLength(1)
  })

  test('stops every process that it started when it is interrupted', async () => {
    const running = spawn(process.execPath, [RUN, '--only', 'postern'], { detached: true, stdio: 'ignore' })
    const ended = once(running, 'exit')
    // PostgreSQL, the clients, a server: all are in the group that a terminal's interrupt goes to.
    const group = () => {
      const all = execFileSync('ps', ['-A', '-o', 'pgid=,args='], { encoding: 'utf8' }).split('\n')
      return all.filter((line) => Number.parseInt(line, 10) === running.pid)
    }
    const seen = (name: string) => group().some((line) => line.includes(name))
    try {
      await vi.waitUntil(() => seen('postern.server.mjs'), { timeout: 120_000, interval: 200 })
      expect(seen('postgres')).toBe(true)
      process.kill(-running.pid!, 'SIGINT')
      expect(await ended).toEqual([130, null])
      await vi.waitUntil(() => group().length === 0, { timeout: 30_000, interval: 200 })
    } finally {
      if (group().length > 0) process.kill(-running.pid!, 'SIGKILL')
    }
  })
})
