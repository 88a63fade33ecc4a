import { CatalogMeanings } from './catalog/meanings.js'
import { entryPointsOf } from './entry/entry-points.js'
import type { ProjectFacts } from './project-facts.js'
import { readDatabases } from './read-databases.js'
import { isCode, type Tree } from './source/read-tree.js'
import { ImportResolver } from './source/resolve-import.js'
import { Sources, TOO_DEEP } from './source/sources.js'
import { Modules } from './trace/modules.js'
import { traceEntry } from './trace/trace-entry.js'
import type { TracedEntry } from './trace/traced-entry.js'

/** Reads a tree: what can be called in it, and the databases that it describes. Nothing of it is run. */
export async function readProject(tree: Tree): Promise<ProjectFacts> {
  const sources = new Sources(tree)
  const entries = readEntries(tree, sources)
  const databases = await readDatabases(tree.files, sources.fileOf)
  return {
    root: tree.root,
    files: tree.files,
    unreadable: sources.unreadable,
    entries,
    databases,
    source: sources.fileOf,
  }
}

/** Follows everything in a tree that can be called. */
export function readEntries(tree: Tree, sources: Sources = new Sources(tree)): readonly TracedEntry[] {
  const resolver = new ImportResolver(tree.files, sources.textOf)
  const modules: Modules = new Modules(sources.fileOf, resolver, () => meanings)
  const meanings = new CatalogMeanings(modules)
  const code = tree.files.filter(isCode).flatMap((path) => sources.fileOf(path) ?? [])
  const onTooDeep = (file: string) => void sources.unreadable.push({ file, reason: TOO_DEEP })
  return entryPointsOf(code, modules, meanings, onTooDeep).map((entry) => traceEntry(entry, meanings))
}
