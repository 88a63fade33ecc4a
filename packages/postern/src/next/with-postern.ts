/** What `withPostern()` reads of a Next.js configuration, and leaves as it finds it: the rest passes by. */
interface NextConfiguration {
  readonly serverExternalPackages?: string[] | undefined
  readonly outputFileTracingIncludes?: Record<string, string[]> | undefined
}

/**
 * What no bundler may take apart. PGlite finds its WebAssembly and its file system image beside its own code. node-postgres, pino
 * and pino-pretty load parts of themselves by names that only exist where they are installed. Next.js knows three of them
 * by itself; the list does not lean on that.
 */
const NOT_BUNDLED = ['@electric-sql/pglite', 'pg', 'pino', 'pino-pretty']

/** A server that is deployed as `output: 'standalone'` compares its database with them when it starts. */
const MIGRATIONS = './migrations/**/*.sql'

/**
 * Prepares a Next.js configuration, 15 or 16, for a backend of ours: keeps the database's packages out of the bundles, and takes the
 * migrations along where the server is deployed on its own. What the configuration says already stays. It takes an object; where
 * yours is a function, call it within: `export default async (phase) => withPostern(await config(phase))`.
 *
 * @example
 * export default withPostern({ reactStrictMode: true })
 */
export function withPostern<C extends object>(config?: C): C & NextConfiguration {
  const given: C & NextConfiguration = config ?? ({} as C)
  const included = given.outputFileTracingIncludes ?? {}
  return {
    ...given,
    serverExternalPackages: [...new Set([...(given.serverExternalPackages ?? []), ...NOT_BUNDLED])],
    outputFileTracingIncludes: { ...included, '/*': [...new Set([...(included['/*'] ?? []), MIGRATIONS])] },
  }
}
