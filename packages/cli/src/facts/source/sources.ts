import { isCode, type Tree, type Unreadable } from './read-tree.js'
import { SourceFile } from './source-file.js'

/** What is told of a file that can't be followed because of how it nests. */
export const TOO_DEEP = 'nested too deeply'

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
    // The parser goes down with what it reads, and would take the process with it: it bears about 5,000.
    if ('text' in read && isCode(path) && nests(read.text)) {
      this.unreadable.push({ file: path, reason: TOO_DEEP })
      return undefined
    }
    if ('text' in read) return read.text
    this.unreadable.push({ file: path, reason: read.reason })
    return undefined
  }
}

/** People nest some twenty, generated code some hundred. */
const MOST_BRACKETS = 1_000
/** Higher, because a type's arguments look like an element that nobody closes. */
const MOST_ELEMENTS = 5_000

/** Counts brackets and elements, those in texts among them: more than these does no text open either. */
function nests(text: string): boolean {
  let [brackets, elements] = [0, 0]
  for (const [mark] of text.matchAll(/[([{}\])]|<\/|\/>|<[A-Za-z>]/g)) {
    if (mark === '</' || mark === '/>') elements = Math.max(0, elements - 1)
    else if (mark.startsWith('<')) elements += 1
    else brackets = '([{'.includes(mark) ? brackets + 1 : Math.max(0, brackets - 1)
    if (brackets > MOST_BRACKETS || elements > MOST_ELEMENTS) return true
  }
  return false
}
