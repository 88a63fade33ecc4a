import { AsyncLocalStorage } from 'node:async_hooks'
import type { Host } from '../host.js'
import type { EndpointOptions } from '../runtime.js'

/** A test's word for the request that calls an action, in the place of a framework's. */
interface Acting {
  /** Runs `work`: every action that it calls is called by this request. */
  by<T>(request: Request, work: () => Promise<T>): Promise<T>
  /** Gives the backend its own framework back. */
  restore(): void
}

/**
 * Puts a host into a backend that has no framework around it. What a framework steers itself by is still its own to say, so that a
 * redirect is one here too; caches and cookies there are none.
 */
export function acting(runtime: EndpointOptions): Acting {
  const own = runtime.host
  const requests = new AsyncLocalStorage<Request>()
  const host: Host = {
    name: 'a test',
    request: async () => {
      const request = requests.getStore()
      if (request === undefined) throw new Error("An action is called by somebody: app.as('alice').run(() => …)")
      return request
    },
    steering: async (thrown) => own?.steering(thrown),
    setCookies: async () => {},
    revalidate: async () => {},
  }
  runtime.host = host
  return {
    by: (request, work) => requests.run(request, work),
    restore: () => void (runtime.host = own),
  }
}
