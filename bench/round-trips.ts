import { type CountingProxy } from '../test/support/counting-proxy.js'
import { type Credentials, EXPECTED, requestsFor } from './requests.js'
import { ROUTES, type RouteName } from './result.js'

const WARM_UP = 60
const COUNTED = 40

/** How often PostgreSQL is asked for an answer per request, one request at a time, once connections and statements are warm. */
export async function countRoundTrips(
  url: string,
  wire: CountingProxy,
  credentials: Credentials,
): Promise<Record<RouteName, number>> {
  const counted: [RouteName, number][] = []
  for (const route of ROUTES) {
    const requests = requestsFor(route, credentials)
    const send = async (from: number, count: number) => {
      for (const { method, path, headers, body } of requests.slice(from, from + count)) {
        const response = await fetch(url + path, { method, headers, ...(body === undefined ? {} : { body }) })
        const text = await response.text()
        if (response.status !== EXPECTED[route])
          throw new Error(`${method} ${path} answers ${response.status}: ${text}`)
      }
    }
    await send(0, WARM_UP)
    const asked = await wire.count(() => send(WARM_UP, COUNTED))
    counted.push([route, Math.round((asked / COUNTED) * 100) / 100])
  }
  return Object.fromEntries(counted) as Record<RouteName, number>
}
