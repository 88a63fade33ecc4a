import { CatalogMeanings } from './catalog/meanings.js'
import { entryPointsOf } from './entry/entry-points.js'
import { nextMiddleware } from './entry/next-middleware.js'
import type { ProjectFacts } from './project-facts.js'
import { declaresTables } from './schema/declares-tables.js'
import { ImportGraph } from './source/import-graph.js'
import { isCode, type Tree } from './source/read-tree.js'
import { ImportResolver } from './source/resolve-import.js'
import { Sources } from './source/sources.js'
import type { Survey } from './source/survey.js'
import { UNWATCHED, type Watch } from './source/watch.js'
import { Modules } from './trace/modules.js'
import { traceEntry } from './trace/trace-entry.js'
import type { TracedEntry } from './trace/traced-entry.js'

/** What is asked of a tree. */
export interface Inquiry {
  readonly watch?: Watch
  /** Whether what is found in a file, or on a way through it, will be told; without it, all is. */
  readonly isTold?: (path: string) => boolean
  /** What was read of the tree before: with it no more is read than leads to what is told. */
  readonly survey?: Survey | undefined
}

/**
 * Reads a tree: what can be called in it, and the databases that it describes. Nothing of it is run. Where little will be told,
 * only what can lead there is followed.
 */
export async function readProject(
  tree: Tree,
  { watch = UNWATCHED, isTold, survey }: Inquiry = {},
): Promise<ProjectFacts> {
  const sources = new Sources(tree, watch, survey)
  const entries = readEntries(tree, sources, isTold)
  const isDescribed = isTold === undefined || tree.files.some((path) => isTold(path) && describes(path, sources))
  let all: readonly TracedEntry[] | undefined
  return {
    root: tree.root,
    files: tree.files,
    isReadable: sources.isReadable,
    isTold: isTold ?? (() => true),
    unreadable: sources.unreadable,
    entries,
    everyEntry: () => (isTold === undefined ? entries : (all ??= readEntries(tree, sources))),
    databases: isDescribed ? await databasesOf(tree, sources) : [],
    source: sources.fileOf,
  }
}

/** Its readers are loaded with the first project that needs them: a file that has changed mostly describes none. */
async function databasesOf(tree: Tree, sources: Sources): Promise<ProjectFacts['databases']> {
  const { readDatabases } = await import('./read-databases.js')
  return readDatabases(tree.files, sources)
}

/** Whether a file says something of a database. */
function describes(path: string, sources: Sources): boolean {
  return isCode(path) ? declaresTables(sources.textOf(path) ?? '') : /\.(?:sql|prisma|json|toml)$/.test(path)
}

/** Follows what can be called in a tree, as far as something of it will be told. */
export function readEntries(
  tree: Tree,
  sources: Sources = new Sources(tree),
  isTold?: Inquiry['isTold'],
): readonly TracedEntry[] {
  const resolver = new ImportResolver(tree.files, sources.textOf)
  const modules: Modules = new Modules(sources.fileOf, resolver, () => meanings)
  const meanings = new CatalogMeanings(modules)
  const code = tree.files.filter((path) => isCode(path) && sources.isReadable(path))
  const graphOf = (paths: readonly string[]) =>
    sources.survey?.graph.within(paths) ??
    ImportGraph.of(
      paths.flatMap((path) => sources.fileOf(path) ?? []),
      resolver,
      sources.watch,
    )
  const reach = isTold === undefined ? undefined : reachOf(code, graphOf(code), isTold)
  const asked = reach === undefined ? code : code.filter((path) => reach.all.has(path))
  const files = asked.flatMap((path) => sources.fileOf(path) ?? [])
  const entries = entryPointsOf(files, modules, meanings, sources, () => graphOf(asked))
  for (const { file, reason } of meanings.registry.missed) sources.tell(file, reason)
  return entries.flatMap((entry) => {
    const { path } = entry.spot.file
    // Of Next.js a file is called by its own path; elsewhere whoever mounts it may put something in front.
    if (reach !== undefined && entry.framework === 'next' && !reach.told.has(path)) return []
    const work = { of: 'entry', name: path } as const
    const refused = sources.watch.givenUp(work)
    if (refused !== undefined) sources.tell(path, refused)
    else return sources.attempt(path, () => sources.watch.during(work, () => traceEntry(entry, meanings))) ?? []
    return []
  })
}

/**
 * The files from which something that is told can be reached, and with them all that they import: an app that mounts a router puts
 * its guards in front of it, though the router knows nothing of the app. What is found by its folder knows of each other without imports.
 */
function reachOf(paths: readonly string[], graph: ImportGraph, isTold: (path: string) => boolean) {
  const changed = paths.filter(isTold)
  const beside = changed.some(isFoundByFolder) ? paths.filter(isFoundByFolder) : []
  const told = graph.importersOf([...changed, ...beside])
  // Nobody imports what stands in front of routes, and without it they would stand open.
  const inFront = nextMiddleware(paths).map(({ file }) => file)
  return { told, all: graph.importedBy([...told, ...inFront]) }
}

/** Fastify's plugins and their hooks. */
const isFoundByFolder = (path: string) => /(?:^|\/)(?:routes\/|\.?autohooks\.)/.test(path)
