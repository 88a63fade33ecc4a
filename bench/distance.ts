import { Client } from 'pg'
import { Child } from './child.js'
import type { Data } from './data.js'
import type { Started } from './started.js'

/** A database that is further away, and how far it really is. */
export interface Distance {
  readonly urls: Pick<Data, 'guardedUrl' | 'plainUrl'>
  /** What a round trip takes longer, the median of a hundred: timers are a millisecond coarse. */
  readonly measuredMs: number
}

/** Puts a process between the servers and PostgreSQL that holds back what goes either way by half of `latencyMs`. */
export async function distant(data: Data, latencyMs: number, started: Started): Promise<Distance> {
  const environment = { DATABASE_URL: data.plainUrl, DELAY_MS: String(latencyMs) }
  const proxy = started.add(new Child('./delay-process.mjs', environment))
  const { port } = await proxy.ask<{ port: number }>()
  const through = (url: string) => {
    const led = new URL(url)
    led.port = String(port)
    return led.href
  }
  const urls = { guardedUrl: through(data.guardedUrl), plainUrl: through(data.plainUrl) }
  const [near, far] = [await roundTripMs(data.plainUrl), await roundTripMs(urls.plainUrl)]
  return { urls, measuredMs: Math.round((far - near) * 10) / 10 }
}

async function roundTripMs(connectionString: string): Promise<number> {
  const client = new Client({ connectionString })
  await client.connect()
  const times: number[] = []
  for (let count = 0; count < 100; count += 1) {
    const began = performance.now()
    await client.query('select 1')
    times.push(performance.now() - began)
  }
  await client.end()
  return times.sort((a, b) => a - b)[50]!
}
