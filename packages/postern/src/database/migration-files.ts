import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** One `NNNN_name.sql`, as it lies in the project. */
export interface MigrationFile {
  /** The file's name without `.sql`: what `postern.migrations` remembers. */
  readonly name: string
  readonly file: string
  readonly sql: string
  readonly checksum: string
  /** Its first line says `-- postern: no transaction`. */
  readonly withoutTransaction: boolean
}

/** The first line of a migration whose one statement PostgreSQL refuses in a transaction. */
export const NO_TRANSACTION = '-- postern: no transaction'

/** What stands between the project and its database, said in one sentence, with what to do about it. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError'
  readonly hint: string

  constructor(sentence: string, hint: string, options?: { cause: unknown }) {
    super(sentence, options)
    this.hint = hint
  }
}

/** Reads a directory's migrations in the order of their numbers. A directory that is not there holds none. */
export async function readMigrations(directory: string): Promise<MigrationFile[]> {
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  const files = names.filter((name) => name.endsWith('.sql')).sort()
  refuseBadNames(files)
  return Promise.all(files.map((file) => readMigration(directory, file)))
}

async function readMigration(directory: string, file: string): Promise<MigrationFile> {
  // Git may check a file out with other line ends than it was applied with; that is no change.
  const sql = (await readFile(join(directory, file), 'utf8')).replaceAll('\r\n', '\n')
  return {
    name: file.slice(0, -'.sql'.length),
    file,
    sql,
    checksum: createHash('sha256').update(sql).digest('hex'),
    withoutTransaction: /^\s*--\s*postern:\s*no transaction\s*$/im.test(sql.split('\n', 1)[0] ?? ''),
  }
}

function refuseBadNames(files: readonly string[]): void {
  const numbers = new Map<string, string>()
  for (const file of files) {
    const number = /^(\d{4})_[^/]+\.sql$/.exec(file)?.[1]
    if (number === undefined) {
      throw new MigrationError(
        `migrations/${file} is not called like a migration`,
        'Call it NNNN_name.sql, for example 0002_add_notes.sql',
      )
    }
    const twin = numbers.get(number)
    if (twin !== undefined) {
      const hint = 'Two branches made a migration each: give the later one the next number, in its snapshot too'
      throw new MigrationError(`migrations/${twin} and migrations/${file} have the same number`, hint)
    }
    numbers.set(number, file)
  }
}
