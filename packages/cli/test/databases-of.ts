import type { DatabaseFacts } from '../src/facts/database-facts.js'
import { readDatabases } from '../src/facts/read-databases.js'
import { SourceFile } from '../src/facts/source/source-file.js'

/** The databases of a project that is given as its files. */
export function databasesOf(files: Readonly<Record<string, string>>): Promise<DatabaseFacts[]> {
  const sources = new Map(Object.entries(files).map(([path, text]) => [path, new SourceFile(path, text)]))
  return readDatabases([...sources.keys()], (path) => sources.get(path))
}
