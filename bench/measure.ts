import { cpuBetween } from './postgres-cpu.js'
import type { Data } from './data.js'
import type { Load } from './load.js'
import { EXPECTED, requestsFor } from './requests.js'
import type { RouteName } from './result.js'
import type { Sample } from './samples.js'
import type { ServerUnderTest } from './server-under-test.js'

/** With what, and how long. */
export interface Measuring {
  readonly data: Data
  readonly load: Load
  readonly seconds: number
  readonly warmUpSeconds: number
  readonly connections: number
}

/** Measures one route of one server, when it has warmed up; what its writes leave behind is taken away. */
export async function measure(server: ServerUnderTest, route: RouteName, measuring: Measuring): Promise<Sample> {
  const { data, load, seconds, warmUpSeconds, connections } = measuring
  const requests = requestsFor(route, await server.credentials())
  const task = { url: server.url, requests, connections, expected: EXPECTED[route] }
  const warmUp = await load.run({ ...task, seconds: warmUpSeconds, answers: WARM_UP_ANSWERS })

  const before = await spent(server, data)
  const { answers, rps, p99ms, errors } = await load.run({ ...task, seconds })
  const after = await spent(server, data)
  if (route === 'create' || route === 'update') await data.reset()

  const database = cpuBetween(before.database, after.database)
  const each = Math.max(1, answers)
  return {
    rps,
    p99ms,
    errors: errors + warmUp.errors,
    serverUs: (after.server - before.server) / each,
    databaseUs: database === null ? null : database / each,
  }
}

// Code is compiled by how often it runs. Measured on a busy machine: Hono's health route cost 267 µs of CPU in its first
// thousand requests, 55 after five thousand, 28 from twenty thousand on.
const WARM_UP_ANSWERS = 10_000

async function spent(server: ServerUnderTest, data: Data) {
  return { server: (await server.usage()).cpuUs, database: await data.cpu() }
}
