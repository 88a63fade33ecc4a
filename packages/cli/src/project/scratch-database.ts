import type { MigrationTarget } from 'postern/database'

/** An empty database in this process, gone afterwards: PostgreSQL itself, to be asked what some SQL leads to. */
export async function withScratchDatabase<T>(
  environment: NodeJS.ProcessEnv,
  work: (scratch: MigrationTarget) => Promise<T>,
): Promise<T> {
  const { database } = await import('postern/database')
  const before = environment.POSTERN_EMBEDDED
  // In production an embedded database is refused for the data that it would hold; this one holds none.
  environment.POSTERN_EMBEDDED = '1'
  const scratch = database({ schema: {}, directory: 'memory://' })
  try {
    return await work(scratch)
  } finally {
    if (before === undefined) delete environment.POSTERN_EMBEDDED
    else environment.POSTERN_EMBEDDED = before
    await scratch.close()
  }
}
