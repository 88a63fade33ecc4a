import { posix } from 'node:path'
import type { DatabaseFacts, Dialect, TableFacts } from './database-facts.js'
import { drizzleDatabases } from './schema/drizzle-databases.js'
import { prismaDatabases } from './schema/prisma-databases.js'
import { readJson } from './source/read-json.js'
import { isCode } from './source/read-tree.js'
import type { SourceFile } from './source/source-file.js'
import type { Attempt, Sources } from './source/sources.js'
import { SqlParser } from './sql/sql-parser.js'
import { sqlDatabases, type Surroundings } from './sql/sql-databases.js'

/** Every database that a project describes: by SQL scripts, by Prisma's and Drizzle's schemas, by our own. */
export async function readDatabases(files: readonly string[], sources: Sources): Promise<DatabaseFacts[]> {
  const sourceAt = sources.fileOf
  const attempt: Attempt = (path, run) =>
    sources.attempt(path, () => sources.watch.during({ of: 'file', name: path }, run))
  const prisma = prismaDatabases(
    files.filter((path) => path.endsWith('.prisma')).flatMap((path) => sourceAt(path) ?? []),
    attempt,
  )
  const code = files.filter(isCode).flatMap((path) => sourceAt(path) ?? [])
  const drizzle = await drizzleDatabases(code, () => SqlParser.load(), attempt)
  const scripts = await sqlDatabases(files, sourceAt, surroundings(files, sourceAt, prisma), attempt)
  tellUnread(scripts, sources)
  return [...withoutCopies(scripts, (home) => packageOf(home, files)), ...prisma, ...drizzle]
}

/** A policy or a table that was not understood is missing from what the rules see. A dump may hold thousands: one line a file. */
function tellUnread(databases: readonly DatabaseFacts[], sources: Sources): void {
  const all = databases.flatMap(({ unread }) => unread)
  for (const file of new Set(all.map(({ at }) => at.file))) {
    const [first, ...others] = all.filter(({ at }) => at.file === file)
    const { line } = file.placeOf(first!.at.node.start)
    const more = others.length === 0 ? '' : `, and ${others.length} more`
    sources.tell(file.path, `the statement of line ${line}: ${first!.reason}${more}`)
  }
}

/**
 * Scripts that lie about repeat what the migrations say, or were run by hand once: of a table that migrations make, theirs is the
 * word. But a row-level security that only they turn on may well be on.
 */
function withoutCopies(databases: readonly DatabaseFacts[], packageOfHome: (home: string) => string): DatabaseFacts[] {
  return databases.map((database) => {
    // Another package of a workspace may well have other tables by the same names.
    const beside = databases.filter(
      (other) => other !== database && packageOfHome(other.home) === packageOfHome(database.home),
    )
    const made = beside
      .filter(({ isOrdered }) => isOrdered)
      .flatMap(({ tables }) => tables.filter((table) => table.isCreatedHere))
    const migrated = new Set(made.map(idOf))
    const others = beside.flatMap(({ tables }) => tables)
    const secured = new Set(others.filter(({ rowSecurity }) => rowSecurity !== 'off').map(idOf))
    const own = database.isOrdered ? database.tables : database.tables.filter((table) => !migrated.has(idOf(table)))
    const tables = own.map((table) =>
      table.rowSecurity === 'off' && secured.has(idOf(table)) ? { ...table, rowSecurity: 'unsure' as const } : table,
    )
    return { ...database, tables }
  })
}

const idOf = ({ schema, name }: TableFacts) => `${schema}.${name}`

const POSTGREST = /^@supabase\/(?:supabase-js|ssr|postgrest-js|auth-helpers-)/

const DRIVERS: Readonly<Record<string, Dialect>> = {
  pg: 'postgresql', postgres: 'postgresql', '@vercel/postgres': 'postgresql', '@neondatabase/serverless': 'postgresql', slonik: 'postgresql', '@electric-sql/pglite': 'postgresql',
  mysql: 'mysql', mysql2: 'mysql', mariadb: 'mysql', '@planetscale/database': 'mysql',
  'better-sqlite3': 'sqlite', sqlite3: 'sqlite', '@libsql/client': 'sqlite', wrangler: 'sqlite', '@cloudflare/workers-types': 'sqlite',
  mssql: 'sqlserver', tedious: 'sqlserver',
} // prettier-ignore

interface Package {
  readonly directory: string
  readonly dependencies: readonly string[]
}

function packagesIn(files: readonly string[], sourceAt: (path: string) => SourceFile | undefined): Package[] {
  const found = files.filter((path) => posix.basename(path) === 'package.json')
  return found.map((path) => {
    const json = readJson(sourceAt(path)?.text)
    const groups = [json?.['dependencies'], json?.['devDependencies']]
    return {
      directory: posix.dirname(path),
      dependencies: groups.flatMap((group) => (typeof group === 'object' && group !== null ? Object.keys(group) : [])),
    }
  })
}

function surroundings(
  files: readonly string[],
  sourceAt: (path: string) => SourceFile | undefined,
  prisma: readonly DatabaseFacts[],
): Surroundings {
  const packages = packagesIn(files, sourceAt)
  /** The package around a folder. One that lies beside the packages of a workspace belongs to any of them. */
  const around = (home: string) => {
    const nearest = packageOf(home, files)
    const own = packages.filter(({ directory }) => directory === nearest)
    return nearest === '.' || own.length === 0 ? packages : own
  }
  return {
    dialect: (home) => prisma.find((database) => isWithin(home, database.home))?.dialect,
    driver: (home) => {
      const dialects = new Set(
        around(home).flatMap(({ dependencies }) => dependencies.flatMap((name) => DRIVERS[name] ?? [])),
      )
      return dialects.size === 1 ? [...dialects][0] : undefined
    },
    usesPostgrest: (home) => around(home).some(({ dependencies }) => dependencies.some((name) => POSTGREST.test(name))),
    exposedSchemas: (home) => {
      const path = posix.join(home.replace(/(^|\/)supabase(\/.*)?$/, '$1supabase'), 'config.toml')
      const listed = files.includes(path)
        ? /^[ \t]*schemas[ \t]*=\s*\[([^[\]]*)\]/m.exec(sourceAt(path)?.text ?? '')?.[1]
        : undefined
      return listed?.match(/[\w$]+/g) ?? undefined
    },
  }
}

/** The directory of the nearest package around. */
function packageOf(home: string, files: readonly string[]): string {
  for (let at = home; ; at = posix.dirname(at))
    if (at === '.' || files.includes(posix.join(at, 'package.json'))) return at
}

const isWithin = (path: string, directory: string) =>
  directory === '.' || path === directory || path.startsWith(`${directory}/`)
