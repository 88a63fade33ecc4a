import type { Event, Observer } from './events.js'

/**
 * Hears the events of every backend of this process, until it is replaced under its name. For hosts that load one module several times:
 * under Next.js pages, routes and `instrumentation.ts` each have a copy of `backend.ts`, and what one of them observes, the
 * others don't tell it.
 */
export function observeEveryBackend(name: string, observer: Observer): void {
  observers().set(name, observer)
}

/** What each backend observes itself with. Looked up at each event, because an observer may come after the backend. */
export function tellEveryObserver(event: Event): void {
  const home = globalThis as Home
  if (home[KEY] === undefined) return
  for (const observe of home[KEY].values()) {
    try {
      observe(event)
    } catch {
      // As with an observer of one backend: its failure is its own.
    }
  }
}

const KEY = Symbol.for('postern.observers')

type Home = { [KEY]?: Map<string, Observer> }

function observers(): Map<string, Observer> {
  return ((globalThis as Home)[KEY] ??= new Map())
}
