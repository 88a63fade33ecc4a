import { type Answered, closedLoop, httpRequest, openLoop, percentile } from './open-loop.js'
import type { ServerProcess } from './start-process.js'

export interface HeldLoad {
  readonly peak: number
  readonly sent: number
  readonly errors: number
  readonly p50: number
  readonly p99: number
  /** The 99th percentile of one client that has the server to itself. */
  readonly unloadedP99: number
  /** The 99th percentile of how late the server's event loop was, in milliseconds. */
  readonly eventLoopP99: number
  /** How much memory grew, in megabytes in ten minutes, by a line through the second half. */
  readonly rssSlope: number
  readonly rssEnd: number
}

/** Sends 70 % of the peak, half of it writes, for a while, and looks how steady the server is. */
export async function heldLoad(
  server: ServerProcess,
  token: string,
  seconds: number,
  signal?: AbortSignal,
): Promise<HeldLoad> {
  const read = httpRequest('GET', '/notices', token)
  const write = (n: number) => httpRequest('POST', '/notices', token, JSON.stringify({ body: `held ${n}` }))
  const base = {
    port: server.port,
    request: (n: number) => (n % 2 === 0 ? read : write(n)),
    ...(signal ? { signal } : {}),
  }
  await closedLoop({ ...base, clients: 32, seconds: 2 })
  const alone = await closedLoop({ ...base, clients: 1, seconds: 2 })
  const peak = good(await closedLoop({ ...base, clients: 32, seconds: 4 })).length / 4
  const samples: [at: number, bytes: number][] = []
  const began = performance.now()
  await server.state()
  const sampling = setInterval(() => {
    void server.state().then(({ rss }) => samples.push([performance.now() - began, rss]))
  }, 1_000)
  const answers = await openLoop({ ...base, rate: peak * 0.7, seconds, connections: 1_000 })
  clearInterval(sampling)
  const { eventLoopP99, rss } = await server.state()
  const ms = answers.map((answer) => answer.ms)
  return {
    peak,
    sent: answers.length,
    errors: answers.length - good(answers).length,
    p50: percentile(ms, 0.5),
    p99: percentile(ms, 0.99),
    unloadedP99: percentile(
      alone.map((answer) => answer.ms),
      0.99,
    ),
    eventLoopP99,
    rssSlope: (slopeOf(samples.slice(samples.length / 2)) * 600_000) / 1e6,
    rssEnd: rss / 1e6,
  }
}

const good = (answers: readonly Answered[]) => answers.filter(({ status }) => status === 200 || status === 201)

/** The least-squares line through the points. */
function slopeOf(points: readonly (readonly [number, number])[]): number {
  const mean = (at: 0 | 1) => points.reduce((sum, point) => sum + point[at], 0) / Math.max(1, points.length)
  const [x, y] = [mean(0), mean(1)]
  const above = points.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0)
  const below = points.reduce((sum, point) => sum + (point[0] - x) ** 2, 0)
  return below === 0 ? 0 : above / below
}
