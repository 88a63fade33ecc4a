import type { Cell, ModuleScope, Scope, Value } from './model.js'
import type { SourceFile } from '../source/source-file.js'
import { UNDEFINED, UNKNOWN } from './value.js'

/** A variable. What it holds at a moment is the state's to say; `initial` is what it holds where no state has said anything. */
export class Variable implements Cell {
  #initial: Value | (() => Value) | undefined

  constructor(initial?: Value | (() => Value)) {
    this.#initial = initial
  }

  /** Found out when it is first asked for: most of what a module declares leads nowhere. */
  get initial(): Value {
    const initial = this.#initial
    if (typeof initial !== 'function') return initial ?? UNDEFINED
    // Whoever asks again while it is being found out stands in a circle.
    this.#initial = UNKNOWN
    let found: Value | undefined
    try {
      return (found = initial())
    } finally {
      // Who came here on a stack that was nearly full found out nothing; who comes after may.
      this.#initial = found ?? initial
    }
  }

  /** What it holds where nothing else is known: the first that was put into it. */
  remember(value: Value): void {
    this.#initial ??= value
  }

  isInitially(value: Value): boolean {
    return this.#initial === value && value !== UNKNOWN
  }

  set initial(value: Value | (() => Value)) {
    this.#initial = value
  }
}

/** The names that code can see: its own, then those around it. */
export class Names implements Scope {
  readonly outer: Names | Scope | null
  readonly #cells = new Map<string, Variable>()

  constructor(outer: Scope | null) {
    this.outer = outer
  }

  declare(name: string, initial?: Value | (() => Value)): Variable {
    const known = this.#cells.get(name)
    if (known !== undefined) {
      if (initial !== undefined) known.initial = initial
      return known
    }
    const cell = new Variable(initial)
    this.#cells.set(name, cell)
    return cell
  }

  find(name: string): Cell | undefined {
    return this.#cells.get(name) ?? this.outer?.find(name)
  }

  /** Only what was declared here. */
  own(name: string): Variable | undefined {
    return this.#cells.get(name)
  }
}

/** The names of a module, and which of them leave it. */
export class ModuleNames extends Names implements ModuleScope {
  readonly file: SourceFile

  constructor(file: SourceFile) {
    super(null)
    this.file = file
  }
}
