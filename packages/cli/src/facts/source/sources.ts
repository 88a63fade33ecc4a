import { isCode, type Tree, type Unreadable } from './read-tree.js'
import { nests, TOO_DEEP } from './nests.js'
import { SourceFile } from './source-file.js'
import type { Survey } from './survey.js'
import { UNWATCHED, type Watch } from './watch.js'

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
  /** What somebody has read of the tree already. */
  readonly survey: Survey | undefined

  constructor(tree: Tree, watch: Watch = UNWATCHED, survey?: Survey) {
    this.#tree = tree
    this.survey = survey
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

  /** Whether a listed file can be read. Of what was surveyed it is known. */
  readonly isReadable = (path: string): boolean =>
    this.survey?.lost.has(path) === false || this.textOf(path) !== undefined

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
    const reason = refused ?? this.survey?.lost.get(path)
    const read = reason === undefined ? this.#tree.read(path) : { reason }
    if ('reason' in read) this.tell(path, read.reason)
    else if (isCode(path) && nests(read.text)) this.tell(path, TOO_DEEP)
    else if (this.watch.isCareful && isDense(read.text)) this.tell(path, NOT_TRIED)
    else return read.text
    return undefined
  }
}

/** The least that a parser was seen to die of are 4,000 levels, of two such marks or of a word each. */
const MOST_MARKS = 3_000
const MOST_WORDS = 20_000

function isDense(text: string): boolean {
  return (
    text.length > MOST_MARKS &&
    ((text.match(/[^\w\s'",;]/g)?.length ?? 0) > MOST_MARKS || (text.match(/\w+/g)?.length ?? 0) > MOST_WORDS)
  )
}
