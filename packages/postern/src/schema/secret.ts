import type { $Type, ColumnBuilderBase } from 'drizzle-orm'

/**
 * A value that never leaves by itself: it prints as `[secret]`, vanishes from JSON, and says what it holds only when asked.
 *
 * @example
 * const [row] = await db.select({ key: apiKeys.key }).from(apiKeys)
 * row.key.reveal()
 */
export class Secret<T> {
  readonly #value: T

  constructor(value: T) {
    this.#value = value
  }

  reveal(): T {
    return this.#value
  }

  toString(): string {
    return '[secret]'
  }

  /** JSON leaves out what is `undefined`: that is the whole point. */
  toJSON(): undefined {
    return undefined
  }

  /**
   * What node-postgres asks an object for when it binds it. A secret travels wrapped up to there, because a query that fails is
   * thrown with its parameters in the message.
   */
  toPostgres(): T {
    return this.#value
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return '[secret]'
  }
}

/**
 * Marks a column whose values no response may hold. Paved operations never select it; plain Drizzle reads it as a `Secret`.
 *
 * @example
 * export const apiKeys = table('api_keys', { id: id(), key: secret(text().notNull()) }, { owner: user() })
 */
export function secret<B extends ColumnBuilderBase>(builder: B): $Type<B, Secret<B['_']['data']>> {
  configOf(builder).posternSecret = true
  return builder as $Type<B, Secret<B['_']['data']>>
}

/** What `table()` reads back: whether a built column was marked. */
export function isSecret(column: unknown): boolean {
  return configOf(column).posternSecret === true
}

function configOf(target: unknown): { posternSecret?: boolean } {
  return (target as { config: { posternSecret?: boolean } }).config
}
