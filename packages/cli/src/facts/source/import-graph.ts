import type { ImportResolver } from './resolve-import.js'
import type { SourceFile } from './source-file.js'
import { UNWATCHED, type Watch } from './watch.js'

/** Characters, from which on a file could be imports by the ten thousand. */
const LONG = 50_000

/** Which files of a tree import which. */
export class ImportGraph {
  readonly #imports: ReadonlyMap<string, readonly string[]>

  constructor(imports: ReadonlyMap<string, readonly string[]>) {
    this.#imports = imports
  }

  /** Read off the texts of these files: nothing is parsed for it. */
  static of(files: readonly SourceFile[], resolver: ImportResolver, watch: Watch = UNWATCHED): ImportGraph {
    const imports = new Map<string, readonly string[]>()
    for (const { path, text } of files) {
      const read = () => importsOf(path, text, resolver)
      // To tell of each of thousands would take longer than to read them.
      imports.set(path, text.length < LONG ? read() : watch.during({ of: 'file', name: path }, read))
    }
    return new ImportGraph(imports)
  }

  /** These files, and all whose code may come to them: whoever imports them, however far away. */
  importersOf(paths: Iterable<string>): Set<string> {
    const importers = new Map<string, string[]>()
    for (const [path, targets] of this.#imports)
      for (const target of targets) {
        const known = importers.get(target)
        if (known === undefined) importers.set(target, [path])
        else known.push(path)
      }
    return closure(paths, (path) => importers.get(path) ?? [])
  }

  /** What these files import, and no others. */
  within(paths: Iterable<string>): ImportGraph {
    return new ImportGraph(new Map([...paths].map((path) => [path, this.#imports.get(path) ?? []])))
  }

  /** These files, and all that they import. */
  importedBy(paths: Iterable<string>): Set<string> {
    return closure(paths, (path) => this.#imports.get(path) ?? [])
  }
}

/** The files of the tree that a text imports. */
export function importsOf(path: string, text: string, resolver: Pick<ImportResolver, 'resolve'>): string[] {
  const imports: string[] = []
  for (const [, , specifier] of text.matchAll(SPECIFIER)) {
    const target = resolver.resolve(specifier!, path)
    if (target.kind === 'file') imports.push(target.path)
  }
  return imports
}

/**
 * What stands in comments and texts too: an import too many costs a little time, one too few a finding. Nothing in it can match the
 * same characters in two ways, because whoever waits for the square of a megabyte waits for hours.
 */
const SPECIFIER = /\b(?:from|import|require)\b\s*(?:\(\s*)?(?:\/\*[^*]*\*\/\s*)?(['"`])([^'"`\n]+)\1/g

function closure(paths: Iterable<string>, next: (path: string) => readonly string[]): Set<string> {
  const found = new Set(paths)
  // What is added while it goes on is visited too.
  for (const path of found) for (const other of next(path)) found.add(other)
  return found
}
