import { randomUUID } from 'node:crypto'
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { birthOf, isAlive } from './process-birth.js'

/** A directory that this process alone may use. */
export interface DirectoryLock {
  release(): void
}

/** Another process uses the directory. */
export class DirectoryInUse extends Error {
  override readonly name = 'DirectoryInUse'
  readonly hint: string

  constructor(message: string, hint: string) {
    super(message)
    this.hint = hint
  }
}

interface Holder {
  readonly pid: number
  readonly host: string
  /** When the process was born: a pid alone may by now be somebody else's. */
  readonly birth: string | null
  readonly token: string
}

/** A lock file is written at once; an empty one that is older than this belongs to a process that died meanwhile. */
const WRITTEN_AFTER_MS = 2_000

/**
 * Takes `<directory>.lock`, or throws `DirectoryInUse`. Two processes on one embedded database silently lose writes.
 * A lock whose process is gone is taken over. Released by `release()`, and when the process exits.
 */
export function lockDirectory(directory: string): DirectoryLock {
  const file = `${directory.replace(/[\\/]+$/, '')}.lock`
  const holder: Holder = { pid: process.pid, host: hostname(), birth: birthOf(process.pid), token: randomUUID() }
  if (!create(file, holder)) takeOver(directory, file, holder)

  const release = () => {
    process.removeListener('exit', release)
    if (read(file)?.token === holder.token) rmSync(file, { force: true })
  }
  process.on('exit', release)
  return { release }
}

/** `wx`: the file system lets exactly one process create it. */
function create(file: string, holder: Holder): boolean {
  try {
    writeFileSync(file, JSON.stringify(holder), { flag: 'wx' })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/**
 * Removing and creating are two steps, and two processes may find the same stale lock: the second would remove the first one's
 * fresh lock. So the steps are themselves guarded by a file.
 */
function takeOver(directory: string, file: string, holder: Holder): void {
  const guard = `${file}.takeover`
  refuseIfHeld(directory, file)
  if (!create(guard, holder)) throw inUse(directory, read(guard), guard)
  try {
    refuseIfHeld(directory, file)
    rmSync(file, { force: true })
    if (!create(file, holder)) throw inUse(directory, read(file), file)
  } finally {
    rmSync(guard, { force: true })
  }
}

function refuseIfHeld(directory: string, file: string): void {
  const holder = read(file)
  if (holder === undefined ? isFresh(file) : isHeld(holder)) throw inUse(directory, holder, file)
}

/** A process on another host (a container's name, too) cannot be looked at, so it counts as alive. */
function isHeld(holder: Holder): boolean {
  if (holder.host !== hostname()) return true
  if (!isAlive(holder.pid)) return false
  const birth = birthOf(holder.pid)
  return birth === null || holder.birth === null || birth === holder.birth
}

function isFresh(file: string): boolean {
  const { mtimeMs } = statSync(file, { throwIfNoEntry: false }) ?? { mtimeMs: 0 }
  return Date.now() - mtimeMs < WRITTEN_AFTER_MS
}

function read(file: string): Holder | undefined {
  try {
    const holder = JSON.parse(readFileSync(file, 'utf8')) as Partial<Holder>
    return typeof holder.pid === 'number' && typeof holder.host === 'string' ? (holder as Holder) : undefined
  } catch {
    return undefined
  }
}

function inUse(directory: string, holder: Holder | undefined, file: string): DirectoryInUse {
  const elsewhere = holder !== undefined && holder.host !== hostname() ? ` on ${holder.host}` : ''
  const who =
    holder === undefined
      ? 'another process'
      : holder.pid === process.pid && elsewhere === ''
        ? 'this process already'
        : `process ${holder.pid}${elsewhere}`
  return new DirectoryInUse(
    `The embedded database in ${directory} is in use by ${who}, and it takes one process at a time`,
    `Stop that process, or set DATABASE_URL to a PostgreSQL that several can share. If it is gone for certain, delete ${file}`,
  )
}
