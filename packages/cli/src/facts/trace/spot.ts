import type { Node } from 'oxc-parser'
import type { SourceFile } from '../source/source-file.js'

/** A node of a file. */
export interface Spot {
  readonly file: SourceFile
  readonly node: Pick<Node, 'start' | 'end'>
}

/** A function, by its name where it has one. */
export interface Within extends Spot {
  readonly name: string | null
}

/** What is done as often as there are rows, and the function that does it so often. */
export interface Loop extends Spot {
  readonly within: Within | null
  /** Whether it goes through something: `while`, and `for` with a counter, do not say so. */
  readonly hasRows: boolean
}
