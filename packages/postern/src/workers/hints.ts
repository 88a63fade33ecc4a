/**
 * Says to the workers of that name in this process that there is something to do, so that they look now and not when their
 * time has come. A hint may be lost, and no other process hears it: nothing may depend on it but how soon something is done.
 */
export function hint(worker: string): void {
  for (const wake of hints().get(worker) ?? []) wake()
}

/** Hears hints for the workers of that name; the answer stops it. */
export function onHint(worker: string, wake: () => void): () => void {
  const all = hints()
  const mine = all.get(worker) ?? new Set()
  all.set(worker, mine.add(wake))
  return () => void mine.delete(wake)
}

const KEY = Symbol.for('postern.hints')

/** On `globalThis`: under Next.js a route enqueues in one copy of this module, and `instrumentation.ts` runs workers in another. */
function hints(): Map<string, Set<() => void>> {
  const home = globalThis as { [KEY]?: Map<string, Set<() => void>> }
  return (home[KEY] ??= new Map())
}
