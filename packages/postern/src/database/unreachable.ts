/** There is no database to talk to. The message is one sentence for people, `hint` says what to do next. */
export class DatabaseUnreachable extends Error {
  override readonly name = 'DatabaseUnreachable'
  readonly hint: string

  constructor(message: string, hint: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.hint = hint
  }
}

/** A failed attempt to connect, in words; anything that is not one comes back as it was. */
export function toUnreachable(error: unknown, label: string): unknown {
  const code = codeOf(error)
  const words = code === undefined ? undefined : reasons[code]
  if (words !== undefined) return new DatabaseUnreachable(`${words[0]} (${label})`, words[1], error)
  const message = error instanceof Error ? error.message : ''
  if (/timeout|terminated/i.test(message)) {
    return new DatabaseUnreachable(
      `The database does not answer (${label})`,
      'Check that DATABASE_URL leads to it from here',
      error,
    )
  }
  if (/does not support SSL/i.test(message)) {
    return new DatabaseUnreachable(
      `The database does not offer TLS (${label})`,
      'Take sslmode out of DATABASE_URL, or turn TLS on there',
      error,
    )
  }
  return error
}

const reasons: Readonly<Record<string, readonly [message: string, hint: string]>> = {
  ECONNREFUSED: ['No database listens there', 'Start PostgreSQL, or leave DATABASE_URL empty to use the embedded one'],
  ENOTFOUND: ['The host of the database is not known', 'Check the host name in DATABASE_URL'],
  EAI_AGAIN: ['The host of the database could not be looked up', 'Check the network and the host name in DATABASE_URL'],
  ENOENT: ['No database listens at that socket', 'Check the path in DATABASE_URL'],
  ETIMEDOUT: ['The database does not answer', 'Check that DATABASE_URL leads to it from here'],
  EHOSTUNREACH: ['The host of the database cannot be reached', 'Check the network and the host name in DATABASE_URL'],
  ENETUNREACH: ['The host of the database cannot be reached', 'Check the network and the host name in DATABASE_URL'],
  ECONNRESET: [
    'The database closed the connection',
    'Check that DATABASE_URL names a PostgreSQL port, and whether it wants TLS',
  ],
  '28P01': ['The database refused the password', 'Check user and password in DATABASE_URL'],
  '28000': [
    'The database refused this login',
    'Check the user in DATABASE_URL, and whether the database wants TLS (sslmode=require)',
  ],
  '3D000': ['There is no database of that name', 'Create it, or check the name at the end of DATABASE_URL'],
  '08P01': [
    'The pooler in front of the database refused the connection',
    'Check user, password, database and options in DATABASE_URL; the pooler logs why',
  ],
  '53300': ['The database has no connection left', 'Lower the pool size, or raise max_connections'],
  '57P03': ['The database is starting up or shutting down', 'Try again in a moment'],
}

/** AggregateError is what Node throws when every address of a host refused. */
function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined
  if ('code' in error && typeof error.code === 'string') return error.code
  return error instanceof AggregateError ? codeOf(error.errors[0]) : undefined
}
