import { type EcmaScriptModule, parseSync, type Program } from 'oxc-parser'
import { UNWATCHED, type Watch } from './watch.js'

/** A place in a file: lines and columns count from 1. */
export interface Place {
  readonly file: string
  readonly line: number
  readonly column: number
}

/** A file of code. It is parsed when it is first asked for, because most files of a project lead to no entry point. */
export class SourceFile {
  readonly path: string
  readonly text: string
  #parsed: ReturnType<typeof parseSync> | undefined
  #program: Program | undefined
  readonly #watch: Watch
  readonly #onLost: (reason: string) => void
  #lines: number[] | undefined

  /** `onLost` hears of a syntax error that cost the whole file: what has no statements would pass for a file that holds nothing. */
  constructor(path: string, text: string, watch: Watch = UNWATCHED, onLost: (reason: string) => void = () => {}) {
    this.path = path
    this.text = text
    this.#watch = watch
    this.#onLost = onLost
  }

  /** Imports and exports: known without the tree being made. */
  get module(): EcmaScriptModule {
    return this.#parse().module
  }

  get program(): Program {
    return (this.#program ??= this.#watched(() => this.#parse().program))
  }

  /** The first thing that the parser could not read, if there is one. */
  get fault(): string | undefined {
    return this.#parse().errors.find(({ severity }) => severity === 'Error')?.message
  }

  get comments(): ReturnType<typeof parseSync>['comments'] {
    return this.#parse().comments
  }

  placeOf(offset: number): Place {
    const lines = (this.#lines ??= lineStarts(this.text))
    let low = 0
    let high = lines.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (lines[middle]! <= offset) low = middle
      else high = middle - 1
    }
    return { file: this.path, line: low + 1, column: offset - lines[low]! + 1 }
  }

  #parse(): ReturnType<typeof parseSync> {
    // A file of JavaScript may hold JSX whatever its name says.
    const lang = /\.[cm]?js$/.test(this.path) ? { lang: 'jsx' as const } : {}
    if (this.#parsed !== undefined) return this.#parsed
    this.#parsed = this.#watched(() =>
      parseSync(this.path, this.text, { astType: 'ts', preserveParens: false, ...lang }),
    )
    // The tree is made only where there is an error: to make it is most of the work.
    const { fault } = this
    if (fault !== undefined && this.program.body.length === 0) this.#onLost(`a syntax error: ${fault}`)
    return this.#parsed
  }

  #watched<T>(run: () => T): T {
    return this.#watch.during({ of: 'file', name: this.path }, run)
  }
}

function lineStarts(text: string): number[] {
  const starts = [0]
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}
