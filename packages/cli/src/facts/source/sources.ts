import type { Tree, Unreadable } from './read-tree.js'
import { SourceFile } from './source-file.js'

/** The files of a tree as they are read: each once, and what can't be read is told once. */
export class Sources {
  readonly #tree: Tree
  readonly #texts = new Map<string, string | undefined>()
  readonly #files = new Map<string, SourceFile | undefined>()
  readonly unreadable: Unreadable[]

  constructor(tree: Tree) {
    this.#tree = tree
    this.unreadable = [...tree.unreadable]
  }

  readonly textOf = (path: string): string | undefined => {
    if (!this.#texts.has(path)) this.#texts.set(path, this.#read(path))
    return this.#texts.get(path)
  }

  readonly fileOf = (path: string): SourceFile | undefined => {
    if (!this.#files.has(path)) {
      const text = this.textOf(path)
      this.#files.set(path, text === undefined ? undefined : new SourceFile(path, text))
    }
    return this.#files.get(path)
  }

  #read(path: string): string | undefined {
    const read = this.#tree.read(path)
    if ('text' in read) return read.text
    this.unreadable.push({ file: path, reason: read.reason })
    return undefined
  }
}
