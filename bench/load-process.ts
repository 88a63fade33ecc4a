import autocannon from 'autocannon'
import type { LoadResult, LoadTask } from './load.js'

process.on('message', (task: LoadTask) => void answer(task))
process.on('disconnect', () => process.exit())

async function answer(task: LoadTask): Promise<void> {
  await fire(task, task.warmUpSeconds)
  process.send!(await fire(task, task.seconds))
}

const EACH = 100

/** Keep-alive connections, each asking again as soon as it is answered, each beginning elsewhere among the requests. */
async function fire({ url, requests, connections, expected }: LoadTask, seconds: number): Promise<LoadResult> {
  let clients = 0
  const times: number[] = []
  let wrong = 0
  const run = autocannon({
    url,
    connections,
    duration: seconds,
    setupClient(client) {
      const first = Math.floor((clients++ * requests.length) / connections)
      client.setRequests(Array.from({ length: EACH }, (_, n) => ({ ...requests[(first + n) % requests.length]! })))
    },
  })
  run.on('response', (_client, status, _bytes, ms) => {
    if (status === expected) times.push(ms)
    else wrong += 1
  })
  const { duration, errors, timeouts } = await run
  const sorted = Float64Array.from(times).sort()
  return {
    rps: times.length / duration,
    p99ms: sorted[Math.floor(sorted.length * 0.99)] ?? 0,
    errors: wrong + errors + timeouts,
  }
}
