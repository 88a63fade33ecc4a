import { setTimeout as pause } from 'node:timers/promises'
import { serve } from '../../packages/postern/src/server/serve.js'
import type { TestDatabase } from '../support/postgres.js'
import { noticeboard, type NoticeboardOptions, tokenOf } from './noticeboard.js'

export interface Exhausted {
  /** Status and milliseconds of requests that came while every connection was taken. */
  readonly refused: readonly { readonly status: number; readonly ms: number; readonly retryAfter: string | null }[]
  /** Status and milliseconds of the statements that took all connections, and more time than a statement may take. */
  readonly overlong: readonly { readonly status: number; readonly ms: number }[]
  /** What a request gets right afterwards. */
  readonly afterwards: number
}

/** Statements that run for longer than they may take every connection, and others want one meanwhile. */
export async function exhaust(place: TestDatabase, database: NoticeboardOptions['database']): Promise<Exhausted> {
  const board = noticeboard({ url: place.url, database: { poolSize: 2, ...database }, requestTimeoutMs: 8_000 })
  const server = await serve({ ...board, port: 0, logs: false })
  const headers = { authorization: `Bearer ${await tokenOf('alice')}` }
  const ask = async (path: string) => {
    const began = performance.now()
    const answer = await fetch(server.url + path, { headers })
    await answer.text()
    return { status: answer.status, ms: performance.now() - began, retryAfter: answer.headers.get('retry-after') }
  }
  try {
    await Promise.all([ask('/slow/20'), ask('/slow/20')])
    const long = [ask('/slow/6000'), ask('/slow/6000')]
    await pause(200)
    const refused = await Promise.all(Array.from({ length: 6 }, () => ask('/notices')))
    const overlong = await Promise.all(long)
    return { refused, overlong, afterwards: (await ask('/notices')).status }
  } finally {
    await server.close()
  }
}

/** What does not hold of the limits `poolWaitMs` and `statementTimeoutMs`; a busy machine may add two seconds. */
export function brokenLimits(run: Exhausted, limits: { poolWaitMs: number; statementTimeoutMs: number }): string[] {
  const told = run.refused.flatMap(({ status, ms, retryAfter }) =>
    status === 503 && retryAfter !== null && ms < limits.poolWaitMs + 2_000
      ? []
      : [`pool wait: ${status} after ${Math.round(ms)} ms`],
  )
  const stopped = run.overlong.flatMap(({ status, ms }) =>
    status === 504 && ms < limits.statementTimeoutMs + 2_000 ? [] : [`statement: ${status} after ${Math.round(ms)} ms`],
  )
  return [...told, ...stopped, ...(run.afterwards === 200 ? [] : [`afterwards: ${run.afterwards}`])]
}
