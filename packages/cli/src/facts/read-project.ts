import { CatalogMeanings } from './catalog/meanings.js'
import { entryPointsOf } from './entry/entry-points.js'
import type { ProjectFacts } from './project-facts.js'
import { readDatabases } from './read-databases.js'
import { isCode, type Tree } from './source/read-tree.js'
import { ImportResolver } from './source/resolve-import.js'
import { Sources } from './source/sources.js'
import { UNWATCHED, type Watch } from './source/watch.js'
import { Modules } from './trace/modules.js'
import { traceEntry } from './trace/trace-entry.js'
import type { TracedEntry } from './trace/traced-entry.js'

/** Reads a tree: what can be called in it, and the databases that it describes. Nothing of it is run. */
export async function readProject(tree: Tree, watch: Watch = UNWATCHED): Promise<ProjectFacts> {
  const sources = new Sources(tree, watch)
  const entries = readEntries(tree, sources)
  const databases = await readDatabases(tree.files, sources)
  const listed = new Set(tree.files)
  return {
    root: tree.root,
    files: tree.files,
    unreadable: sources.unreadable,
    entries,
    databases,
    // A rule may ask for a file that is not there: that is an answer, and no file that could not be read.
    source: (path) => (listed.has(path) ? sources.fileOf(path) : undefined),
  }
}

/** Follows everything in a tree that can be called. */
export function readEntries(tree: Tree, sources: Sources = new Sources(tree)): readonly TracedEntry[] {
  const resolver = new ImportResolver(tree.files, sources.textOf)
  const modules: Modules = new Modules(sources.fileOf, resolver, () => meanings)
  const meanings = new CatalogMeanings(modules)
  const code = tree.files.filter(isCode).flatMap((path) => sources.fileOf(path) ?? [])
  const entries = entryPointsOf(code, modules, meanings, sources)
  for (const { file, reason } of meanings.registry.missed) sources.tell(file, reason)
  return entries.flatMap((entry) => {
    const { path } = entry.spot.file
    const work = { of: 'entry', name: path } as const
    const refused = sources.watch.givenUp(work)
    if (refused !== undefined) sources.tell(path, refused)
    else return sources.attempt(path, () => sources.watch.during(work, () => traceEntry(entry, meanings))) ?? []
    return []
  })
}
