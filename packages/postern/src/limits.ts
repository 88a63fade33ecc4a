import { wholeNumber } from './whole-number.js'

/**
 * What one client may take of a backend. Every limit is on by default; `createBackend({ limits })` changes one.
 * docs/limits.md says what answers beyond each.
 */
export interface Limits {
  /** How deep a JSON body may nest. Default 32. */
  readonly jsonDepth: number
  /** How many keys an object in a JSON body may have. Default 1,000. */
  readonly jsonKeys: number
  /** How many items an array in a JSON body may have. Default 10,000; a schema's `.max()` bounds tighter. */
  readonly jsonItems: number
  /** How many `name=value` a query may have. Default 100. */
  readonly queryParameters: number
  /** How many headers a request may have. Default 64. */
  readonly headers: number
  /** How many connections the standalone server holds at a time; more are closed unanswered. Default 10,000. */
  readonly connections: number
  /** How many requests of one connection may wait for their answers. Default 32. */
  readonly pipelined: number
  /** How long the headers of a request may take to arrive, in milliseconds. Default 10,000. */
  readonly headersMs: number
  /** How long a whole request may take to arrive, in milliseconds. Default 30,000: raise it for large uploads. */
  readonly receiveMs: number
  /** How long a connection is kept that has nothing to say, in milliseconds. Default 5,000. */
  readonly keepAliveMs: number
  /**
   * How long an answer waits for a client that takes nothing of it, in milliseconds; twice as long where the kernel took some
   * at first. Default 30,000.
   */
  readonly unreadMs: number
}

/**
 * The limits that hold where nothing else is said.
 *
 * `jsonItems`: a body of 100 kB holds 33,000 empty objects, and a schema that refuses each of them took 0.2 s of the one
 * thread there is; 10,000 took 0.05 s (bench/json-limits.mjs). `connections`: each is a file descriptor and some 20 kB, so
 * that a flood of slow clients finds the door shut rather than the memory full.
 */
export const DEFAULT_LIMITS: Limits = {
  jsonDepth: 32,
  jsonKeys: 1_000,
  jsonItems: 10_000,
  queryParameters: 100,
  headers: 64,
  connections: 10_000,
  pipelined: 32,
  headersMs: 10_000,
  receiveMs: 30_000,
  keepAliveMs: 5_000,
  unreadMs: 30_000,
}

/** What is said, and for the rest what holds otherwise. Throws on a limit that is no whole number above zero. */
export function limitsOf(said: Partial<Limits> = {}, otherwise: Limits = DEFAULT_LIMITS): Limits {
  for (const [name, value] of Object.entries(said)) {
    if (!Object.hasOwn(DEFAULT_LIMITS, name))
      throw new TypeError(`There is no limit called "${name}": see docs/limits.md`)
    wholeNumber(`limits.${name}`, value)
  }
  return { ...otherwise, ...said }
}
