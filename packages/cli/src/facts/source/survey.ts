import { setImmediate as rest } from 'node:timers/promises'
import { ImportGraph, importsOf } from './import-graph.js'
import { nests, TOO_DEEP } from './nests.js'
import { isCode, isSource, readTree, type Tree, treeAt, type Unreadable } from './read-tree.js'
import { ImportResolver } from './resolve-import.js'

/**
 * What has to be known of every file of a tree where little of it is told: which there are, which of them can't be read, and which
 * import which. Whoever has it reads only what leads to what is told.
 */
export interface Survey {
  readonly tree: Tree
  /** Why a file has no text. */
  readonly lost: ReadonlyMap<string, string>
  readonly graph: ImportGraph
}

/** As it is handed from one process to another: files are told by their numbers. */
interface Written {
  readonly root: string
  readonly files: readonly string[]
  readonly unreadable: readonly Unreadable[]
  readonly lost: readonly (readonly [number, string])[]
  readonly imports: readonly (readonly number[])[]
}

/** Whoever surveys has other duties: after so many milliseconds it looks whether any came up. */
const TURN = 20
/** What takes so long at a stretch is hostile, and not surveyed. */
const LIMIT = 1_000

/** Surveys a tree, and writes it down; nothing where nobody asks for it any more. Throws where that took too long. */
export async function survey(root: string, isAsked: () => boolean): Promise<string> {
  let since = performance.now()
  const inTime = () => {
    if (performance.now() - since > LIMIT) throw new Error(`the survey of ${root} takes too long`)
  }
  const tree = readTree(root)
  since = performance.now()
  const read = (path: string) => {
    inTime()
    const found = tree.read(path)
    return 'text' in found ? found.text : undefined
  }
  const numbers = new Map(tree.files.map((path, index) => [path, index]))
  const resolver = new ImportResolver(tree.files, read)
  const find: ImportResolver['resolve'] = (specifier, from) => (inTime(), resolver.resolve(specifier, from))
  const lost: [number, string][] = []
  const imports: number[][] = []
  for (const [index, path] of tree.files.entries()) {
    if (performance.now() - since > TURN) {
      await rest()
      if (!isAsked()) return ''
      since = performance.now()
    }
    imports.push([])
    const isFollowed = isCode(path)
    if (!isFollowed && !isSource(path)) continue
    const found = tree.read(path)
    if ('reason' in found) lost.push([index, found.reason])
    else if (isFollowed && nests(found.text)) lost.push([index, TOO_DEEP])
    else if (isFollowed) imports[index] = importsOf(path, found.text, { resolve: find }).map((one) => numbers.get(one)!)
  }
  const { files, unreadable } = tree
  return JSON.stringify({ root, files, unreadable, lost, imports } satisfies Written)
}

/** What was written down of this tree, if it was. */
export function surveyOf(text: string, root: string): Survey | undefined {
  if (text === '') return undefined
  const written = JSON.parse(text) as Written
  if (written.root !== root) return undefined
  const { files, unreadable, lost, imports } = written
  const pathOf = (number: number) => files[number]!
  return {
    tree: treeAt(root, files, unreadable),
    lost: new Map(lost.map(([number, reason]) => [pathOf(number), reason])),
    graph: new ImportGraph(new Map(files.map((path, index) => [path, imports[index]!.map(pathOf)]))),
  }
}
