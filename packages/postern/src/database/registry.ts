import { realpathSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { makeDirectory } from '../own-directory.js'
import type { Connections } from './connections.js'
import { toUnusable } from './unusable-directory.js'

interface Entry {
  readonly connections: Connections
  users: number
  closing?: Promise<void>
}

/** A share in connections that others may use too. */
export interface Share {
  readonly connections: Connections
  /** The last to close really closes. */
  close(): Promise<void>
}

/**
 * Connections of this process by what they lead to. On `globalThis`, because bundlers evaluate one module twice (a route and an
 * instrumentation file, two routes), and two embedded databases on one directory silently lose each other's writes.
 * `make` is told of an earlier set that is still closing: it must not open before that is done.
 */
export function share(key: string, make: (after: Promise<void> | undefined) => Connections): Share {
  // Workers of `next build` evaluate every route at the same time: none of them may open anything.
  if (process.env['NEXT_PHASE'] === 'phase-production-build') {
    throw new Error(
      'The database is not opened during `next build`: make the page or route dynamic (`export const dynamic = "force-dynamic"`)',
    )
  }
  const entries = registry()
  let entry = entries.get(key)
  if (entry === undefined || entry.closing !== undefined) {
    entries.set(key, (entry = { connections: make(entry?.closing), users: 0 }))
  }
  const mine = entry
  mine.users += 1
  let closed = false
  return {
    connections: mine.connections,
    async close() {
      if (closed) return
      closed = true
      mine.users -= 1
      if (mine.users > 0) return
      mine.closing = mine.connections.close()
      await mine.closing
      if (entries.get(key) === mine) entries.delete(key)
    },
  }
}

/** The directory by its real name, so that two ways to it (a link, another working directory) are one. Its parent is created. */
export function realDirectory(directory: string): string {
  const absolute = resolve(directory)
  try {
    makeDirectory(dirname(absolute))
  } catch (error) {
    throw toUnusable(error, absolute)
  }
  try {
    return realpathSync(absolute)
  } catch {
    return join(realpathSync(dirname(absolute)), basename(absolute))
  }
}

const KEY = Symbol.for('postern.connections')

function registry(): Map<string, Entry> {
  const home = globalThis as { [KEY]?: Map<string, Entry> }
  return (home[KEY] ??= new Map())
}
