import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { UsageError } from '../errors.js'
import { EMPTY_SNAPSHOT, type Snapshot } from './snapshot.js'

/** The last migration of a directory: its number (0 where there is none) and the schema as it left it. */
interface LastMigration {
  readonly number: number
  readonly snapshot: Snapshot
}

export async function lastMigration(directory: string): Promise<LastMigration> {
  const files = await readdir(directory).catch(() => [])
  const last = files
    .filter((file) => /^\d{4}_.+\.sql$/.test(file))
    .sort()
    .at(-1)
  if (last === undefined) return { number: 0, snapshot: EMPTY_SNAPSHOT }
  const number = last.slice(0, 4)
  const path = join(directory, 'meta', `${number}_snapshot.json`)
  return { number: Number(number), snapshot: await readSnapshot(path, last) }
}

async function readSnapshot(path: string, migration: string): Promise<Snapshot> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Snapshot
  } catch (error) {
    const hint = 'Bring it back from version control: `postern migrate new` compares the schema with it'
    throw new UsageError(`migrations/${migration} has no readable snapshot in migrations/meta`, hint, { cause: error })
  }
}

/** Writes a migration and the snapshot that goes with it. Answers the SQL file's name. */
export async function writeMigration(
  directory: string,
  { number, name, sql, snapshot }: { number: number; name: string; sql: string; snapshot: Snapshot },
): Promise<string> {
  const prefix = String(number).padStart(4, '0')
  const file = `${prefix}_${name}.sql`
  await mkdir(join(directory, 'meta'), { recursive: true })
  // wx: two terminals that make a migration at once must not overwrite each other.
  await writeFile(join(directory, file), sql, { flag: 'wx' })
  await writeFile(join(directory, 'meta', `${prefix}_snapshot.json`), `${JSON.stringify(snapshot, null, 2)}\n`)
  return file
}

/** A name as a file carries it. */
export function migrationName(words: string): string {
  const name = words
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .slice(0, 60)
  if (name === '')
    throw new UsageError(`"${words}" is no name for a migration`, 'Use letters and digits, for example add_notes')
  return name
}
