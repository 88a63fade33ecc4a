import type { DatabaseFacts } from '../src/facts/database-facts.js'
import { readDatabases } from '../src/facts/read-databases.js'
import { treeOf } from '../src/facts/source/read-tree.js'
import { Sources } from '../src/facts/source/sources.js'

/** The databases of a project that is given as its files. */
export function databasesOf(files: Readonly<Record<string, string>>): Promise<DatabaseFacts[]> {
  return readDatabases(Object.keys(files), new Sources(treeOf(files)))
}
