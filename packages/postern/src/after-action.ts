import type { Events } from './events.js'
import { type Host, type Revalidation, revalidationOf } from './host.js'
import type { Done, Plan } from './plan.js'

/** What is told when it fails, and how long it may take. */
interface Telling {
  readonly requestId: string
  readonly events: Events
  readonly ms: number
}

/**
 * What comes after an action is done. It is written and answered for: nothing here changes what it came to, so that what fails, or
 * takes longer than a request may, is a fault for the log.
 */
export async function afterAction(work: () => Promise<void>, { requestId, events, ms }: Telling): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`What follows an action took longer than ${ms} ms`)), ms)
  })
  try {
    await Promise.race([work(), late])
  } catch (error) {
    events.emit({ type: 'request.failed', requestId, error })
  } finally {
    clearTimeout(timer)
  }
}

/** Has the caches be told what is no longer true: what the slot says, and what the function noted. */
export async function revalidate(
  { revalidate: slot }: Plan,
  { noted, done }: { readonly noted: readonly Revalidation[]; readonly done: Done },
  host: Host,
  { requestId, events }: Pick<Telling, 'requestId' | 'events'>,
): Promise<void> {
  const said = typeof slot === 'function' ? await slot(done) : (slot ?? undefined)
  const all = said === undefined ? noted : [...noted, revalidationOf(said)]
  const paths = [...new Set(all.flatMap((one) => one.paths))]
  const tags = [...new Set(all.flatMap((one) => one.tags))]
  if (paths.length + tags.length === 0) return
  await host.revalidate({ paths, tags })
  events.emit({ type: 'action.revalidated', requestId, paths, tags })
}
