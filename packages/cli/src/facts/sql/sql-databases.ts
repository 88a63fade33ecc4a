import type { DatabaseFacts, Dialect } from '../database-facts.js'
import type { SourceFile } from '../source/source-file.js'
import type { Attempt } from '../source/sources.js'
import { dialectOf, speaksOfPostgrest } from './dialect-of.js'
import { Replay } from './replay.js'
import { forwardPart, type ScriptSet, scriptSetsOf } from './script-sets.js'
import { SqlParser } from './sql-parser.js'
import { SqlState } from './sql-state.js'

/** Scripts without any of these make no database. */
const DEFINES = /\b(?:create\s+(?:unlogged\s+)?table|alter\s+table|create\s+policy|row\s+level\s+security)\b/i

/** What is known of a folder of scripts from elsewhere. */
export interface Surroundings {
  /** The dialect, where a schema beside them names it. */
  readonly dialect: (home: string) => Dialect | undefined
  /** The dialect of the one driver that the package uses. */
  readonly driver: (home: string) => Dialect | undefined
  /** Whether the package that it lies in speaks to Supabase or PostgREST. */
  readonly usesPostgrest: (home: string) => boolean
  readonly exposedSchemas: (home: string) => readonly string[] | undefined
}

/** The databases that the scripts of a project make, each replayed in order. */
export async function sqlDatabases(
  files: readonly string[],
  sourceAt: (path: string) => SourceFile | undefined,
  around: Surroundings,
  attempt: Attempt,
): Promise<DatabaseFacts[]> {
  const sets = scriptSetsOf(files).map((set) => ({ set, scripts: set.paths.flatMap((path) => sourceAt(path) ?? []) }))
  const defining = sets.filter(({ scripts }) => scripts.some(({ text }) => DEFINES.test(text)))
  if (defining.length === 0) return []
  const parser = await SqlParser.load()
  return defining.map(({ set, scripts }) => databaseOf(set, scripts, around, parser, attempt))
}

function databaseOf(
  set: ScriptSet,
  scripts: readonly SourceFile[],
  around: Surroundings,
  parser: SqlParser,
  attempt: Attempt,
): DatabaseFacts {
  const texts = scripts.map(({ text }) => forwardPart(text))
  const said = around.dialect(set.home) ?? dialectOf(texts)
  const dialect = said === 'unknown' ? (around.driver(set.home) ?? said) : said
  const isPostgres = dialect === 'postgresql' || dialect === 'unknown'
  const state = new SqlState(dialect)
  const replay = new Replay(state, isPostgres ? parser : undefined)
  for (const [index, file] of scripts.entries()) attempt(file.path, () => replay.run(file, texts[index]!))
  // What an ORM made is spoken to by that ORM, unless its own policies speak of who PostgREST says is calling.
  const isMade =
    texts.some((text) => text.includes('--> statement-breakpoint')) || around.dialect(set.home) !== undefined
  const isSupabase = /(?:^|\/)supabase(?:\/|$)/.test(set.home)
  return {
    home: set.home,
    saidBy: 'sql',
    dialect,
    isOrdered: set.isOrdered,
    isExposed: isPostgres && (isSupabase || speaksOfPostgrest(texts) || (!isMade && around.usesPostgrest(set.home))),
    exposedSchemas: around.exposedSchemas(set.home) ?? ['public'],
    tables: state.tables,
    views: [...state.views.values()],
    definers: state.definers,
    unread: state.unread,
  }
}
