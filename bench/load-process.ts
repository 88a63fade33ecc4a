import autocannon from 'autocannon'
import type { LoadResult, LoadTask } from './load.js'
import { deliveryOf } from './webhooks/deliveries.js'

process.on('message', (task: LoadTask) => void fire(task).then((seen) => process.send!(seen)))
process.on('disconnect', () => process.exit())

const EACH = 100

/** How often autocannon looks whether it is done, in milliseconds; by default once a second. */
const END_WITHIN = 50

/** Keep-alive connections, each asking again as soon as it is answered, each beginning elsewhere among the requests. */
async function fire({
  url,
  requests,
  connections,
  seconds,
  answers,
  expected,
  delivers,
}: LoadTask): Promise<LoadResult> {
  let clients = 0
  const times: number[] = []
  let wrong = 0
  let [began, ended] = [0, 0]
  const run = autocannon({
    url,
    connections,
    duration: seconds,
    sampleInt: END_WITHIN,
    ...(answers === undefined ? {} : { amount: answers }),
    setupClient(client) {
      const first = Math.floor((clients++ * requests.length) / connections)
      const setupRequest = delivers === true ? { setupRequest: nextDelivery } : {}
      client.setRequests(
        Array.from({ length: EACH }, (_, n) => ({ ...requests[(first + n) % requests.length]!, ...setupRequest })),
      )
    },
  })
  run.on('start', () => (began = performance.now()))
  run.on('response', (_client, status, _bytes, ms) => {
    ended = performance.now()
    if (status === expected) times.push(ms)
    else wrong += 1
  })
  // An amount alone would have no end on a machine that is too busy.
  const late = setTimeout(() => run.stop(), seconds * 1000)
  const { errors, timeouts } = await run
  clearTimeout(late)
  const sorted = Float64Array.from(times).sort()
  return {
    answers: times.length,
    rps: times.length === 0 ? 0 : (times.length / (ended - began)) * 1000,
    p99ms: sorted[Math.floor(sorted.length * 0.99)] ?? 0,
    errors: wrong + errors + timeouts,
  }
}

// Never the same event twice, whichever server is asked.
let event = 1000

function nextDelivery<T extends object>(request: T): T {
  event += 1
  const { body, headers } = deliveryOf(event, Date.now())
  return { ...request, body, headers: { ...headers } }
}
