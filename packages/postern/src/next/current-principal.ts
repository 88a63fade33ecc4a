import type { Backend } from '../backend.js'
import type { Schema } from '../database/scope-types.js'
import type { Principal } from '../principal.js'
import { runtimeOf } from '../runtime.js'
import { pageRequest } from './page-request.js'

/**
 * Who looks at the page; `null` is nobody. For what a page shows: a name, a link to edit. What may be read or written is not
 * decided by it but by endpoints and actions. Throws what kept the adapter from looking.
 *
 * @example
 * const principal = await currentPrincipal(backend)
 */
export async function currentPrincipal<D extends Schema>(backend: Backend<D>): Promise<Principal | null> {
  const runtime = runtimeOf(backend)
  if (runtime === undefined) throw new TypeError('currentPrincipal() takes what createBackend() made')
  return runtime.authenticate(await pageRequest('/'))
}
