import type { Lifecycle } from './lifecycle.js'
import type { ServedBackend } from './served-backend.js'

/** Whether a request asks for one of the two below; they are answered where everything else is refused. */
export function isHealthPath(target: string | undefined): boolean {
  return target === '/healthz' || target === '/readyz'
}

/** `/healthz`: the process lives. A database that is away is no reason to restart it. */
export function liveness(): Response {
  return healthAnswer(200, 'ok')
}

/**
 * `/readyz`: 200 where traffic may be sent; 503 while starting, while stopping, and where the database does not answer
 * within a second. Why it is not ready is for the log: this address is open to everybody.
 */
export function readiness(backend: ServedBackend, lifecycle: Lifecycle): () => Promise<Response> {
  let asking: Promise<boolean> | null = null
  // Whoever asks meanwhile shares the answer: a flood of readiness checks takes one connection, not the pool.
  const databaseAnswers = () => (asking ??= answersInTime(backend).finally(() => (asking = null)))
  return async () => {
    if (lifecycle.phase !== 'ready') return healthAnswer(503, lifecycle.phase)
    return (await databaseAnswers()) ? healthAnswer(200, 'ready') : healthAnswer(503, 'unavailable')
  }
}

const PING_LIMIT_MS = 1000

async function answersInTime(backend: ServedBackend): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const tooLate = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), PING_LIMIT_MS)
  })
  const answered = backend.database.ping().then(
    () => true,
    (error: unknown) => {
      backend.events.emit({ type: 'database.failed', error })
      return false
    },
  )
  return Promise.race([answered, tooLate]).finally(() => clearTimeout(timer))
}

function healthAnswer(status: number, word: string): Response {
  const headers = { 'content-type': 'application/json', 'cache-control': 'no-store' }
  return new Response(JSON.stringify({ status: word }), { status, headers })
}
