import { isCode, type Tree, type Unreadable } from './read-tree.js'
import { SourceFile } from './source-file.js'
import { UNWATCHED, type Watch } from './watch.js'

/** What is told of a file that can't be followed because of how it nests. */
export const TOO_DEEP = 'nested too deeply'
const NOT_TRIED = 'not tried, because others that look less dangerous have ended the process'

/** Looks at one file; `undefined` where that could not be done to its end, which whoever attempts it has told. */
export type Attempt = <T>(path: string, run: () => T) => T | undefined

/** The files of a tree as they are read: each once, and what can't be read is told once. */
export class Sources {
  readonly #tree: Tree
  readonly #listed: ReadonlySet<string>
  readonly #texts = new Map<string, string | undefined>()
  readonly #files = new Map<string, SourceFile | undefined>()
  readonly unreadable: Unreadable[]
  readonly watch: Watch

  constructor(tree: Tree, watch: Watch = UNWATCHED) {
    this.#tree = tree
    this.#listed = new Set(tree.files)
    this.watch = watch
    this.unreadable = [...tree.unreadable]
  }

  readonly textOf = (path: string): string | undefined => {
    // Who asks whether there is one is told nothing, and neither is whoever reads the report.
    if (!this.#listed.has(path)) return undefined
    if (!this.#texts.has(path)) this.#texts.set(path, this.#read(path))
    return this.#texts.get(path)
  }

  readonly fileOf = (path: string): SourceFile | undefined => {
    if (!this.#files.has(path)) {
      const text = this.textOf(path)
      const onLost = (reason: string) => this.tell(path, reason)
      this.#files.set(path, text === undefined ? undefined : new SourceFile(path, text, this.watch, onLost))
    }
    return this.#files.get(path)
  }

  /**
   * What of a file is looked at on its own. Code that nests deeper than the stack is told, and the others are read; so is what
   * breaks us in any other way, because a reader of every project must not end with one.
   */
  attempt<T>(path: string, run: () => T): T | undefined {
    try {
      return run()
    } catch (error) {
      this.tell(path, error instanceof RangeError ? TOO_DEEP : `our reader broke: ${String(error)}`)
      return undefined
    }
  }

  /** Once for each file and reason. */
  tell(file: string, reason: string): void {
    if (!this.unreadable.some((one) => one.file === file && one.reason === reason))
      this.unreadable.push({ file, reason })
  }

  #read(path: string): string | undefined {
    const refused = this.watch.givenUp({ of: 'file', name: path })
    const read = refused === undefined ? this.#tree.read(path) : { reason: refused }
    if ('reason' in read) this.tell(path, read.reason)
    else if (isCode(path) && read.text.length > LEAST_DEADLY && nests(read.text)) this.tell(path, TOO_DEEP)
    else if (this.watch.isCareful && isDense(read.text)) this.tell(path, NOT_TRIED)
    else return read.text
    return undefined
  }
}

/** Characters: the parser bears nearly as many brackets. */
const LEAST_DEADLY = 4_000
/** Where nobody watches, what nests deeper than people and generators do is not handed to the parser: it bears about 5,000. */
const MOST_BRACKETS = 1_000
/** Higher, because a type's arguments look like an element that nobody closes. */
const MOST_ELEMENTS = 5_000

/** Counts brackets and elements, those in texts among them: more than these does no text open either. */
function nests(text: string): boolean {
  let [brackets, elements] = [0, 0]
  for (let at = 0; at < text.length; at += 1) {
    switch (text.charCodeAt(at)) {
      case 40: case 91: case 123:
        brackets += 1
        if (brackets > MOST_BRACKETS) return true
        break
      case 41: case 93: case 125:
        if (brackets > 0) brackets -= 1
        break
      case 60:
        if (isName(text.charCodeAt(at + 1))) elements += 1
        else if (text.charCodeAt(at + 1) === 47 && elements > 0) elements -= 1
        if (elements > MOST_ELEMENTS) return true
        break
      case 47:
        if (text.charCodeAt(at + 1) === 62 && elements > 0) elements -= 1
    } // prettier-ignore
  }
  return false
}

/** What an element may begin with: a letter, or nothing at all. */
const isName = (unit: number) => (unit >= 97 && unit <= 122) || (unit >= 65 && unit <= 90) || unit === 62

/** The least that a parser was seen to die of are 4,000 levels, of two such marks or of a word each. */
const MOST_MARKS = 3_000
const MOST_WORDS = 20_000

function isDense(text: string): boolean {
  return (
    text.length > MOST_MARKS &&
    ((text.match(/[^\w\s'",;]/g)?.length ?? 0) > MOST_MARKS || (text.match(/\w+/g)?.length ?? 0) > MOST_WORDS)
  )
}
