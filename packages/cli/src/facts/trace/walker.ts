import type {
  CallAt,
  Catch,
  Cell,
  ClassValue,
  Condition,
  Fact,
  FunctionValue,
  Happening,
  LibraryValue,
  ModuleScope,
  ObjectValue,
  Scope,
  Setting,
  Spot,
  Step,
  Value,
  Within,
  Loop,
} from './model.js'
import type { Directive, Expression, ParamPattern, PrivateIdentifier, Statement, Super } from 'oxc-parser'
import type { Registry } from '../entry/registry.js'
import type { Here } from './here.js'
import type { SourceFile } from '../source/source-file.js'
import { State } from './state.js'
import { isWrittenOut, literal } from './value.js'

/** How expressions and statements are followed. */
export interface Language {
  evaluate(walker: Walker, node: Expression | Super | PrivateIdentifier, here: Here): Value
  execute(walker: Walker, node: Statement | Directive, here: Here): void
}

/** What libraries' calls mean. */
export interface Meanings {
  /** How code is followed: handed in, because every part of it calls every other. */
  readonly language: Language
  /** What code has told its frameworks to serve. */
  readonly registry: Registry
  /** What a call comes to; `undefined` where nobody has said. */
  call(call: LibraryCall): Value | undefined
  /** What a chain of calls comes to when somebody waits for it. */
  settle(call: LibraryCall): Value | undefined
  member(value: LibraryValue, walker: Walker): Value | undefined
  /** What a name means that no module declares. */
  global(name: string): Value | undefined
  /** What a method comes to of a value that is no library's: `rows.map(…)`, `text.trim()`. */
  method(call: MethodCall): Value | undefined
  /** An object that a module has put together, with what a library is known to have put into it. */
  grown(value: ObjectValue): Value
  /** What a parameter is by its annotation, where nobody passed anything. */
  parameter(param: ParamPattern, here: Here): Value | undefined
  /** The one object of a class that whoever wants one is given. */
  instance(of: ClassValue, spot: Spot): Value | undefined
  /** The class that a class extends. */
  parentOf(value: ClassValue): Value | undefined
  /** What an expression comes to outside of any walk. */
  apart(node: Expression, here: Here): Value
  /** What a module exports, all of it. */
  module(specifier: string, from: ModuleScope): Value
}

/** A call of a library's, with the walk that came to it. */
export interface LibraryCall {
  readonly value: LibraryValue
  readonly args: readonly Value[]
  readonly step: Step
  readonly spot: Spot
  readonly walker: Walker
  /** ``sql`…` ``: the first argument is the texts between the others. */
  readonly isTag?: boolean
  /** What it was called on: an object of a class of the tree, where that class has the method from the library. */
  readonly self?: Value
}

export interface MethodCall {
  readonly callee: Value
  readonly args: readonly Value[]
  readonly at: CallAt
  readonly walker: Walker
}

export interface Returned {
  readonly value: Value
  readonly state: State
}

/** One function that is being followed. */
export interface Frame {
  readonly node: FunctionValue['node']
  readonly name: string | null
  readonly module: ModuleScope
  /** What its parameters are declared in. */
  readonly scope: Scope
  readonly call: Spot | null
  readonly returns: Returned[]
  readonly outer: Frame | null
  readonly depth: number
}

/** Where a `throw` goes, and which calls are inside. */
export interface Trying {
  readonly record: Catch
  readonly thrown: State[]
  readonly outer: Trying | null
}

/** What may be followed for one entry point: more, and the rest stays unknown. */
const MOST_STEPS = 60_000
const MOST_DEPTH = 24

/** Follows code in the order in which it would run, and notes what it does. */
export class Walker {
  readonly meanings: Meanings
  readonly facts: Fact[] = []
  state = new State()
  frame: Frame | null = null
  trying: Trying | null = null
  inCatch: Catch | null = null
  loop: Loop | null = null
  /** The expression that is being looked at, for what is noted where nothing is called. */
  here: Spot | null = null
  /** Where `break` and `continue` go on. */
  breaks: State[] | null = null
  readonly catches: Catch[] = []
  /** What a handler returns, where that is an answer. */
  onAnswer: ((value: Value, spot: Spot) => void) | undefined
  /** What the handler is called in: nothing, or the middleware before it. */
  handlerIn: Frame | null = null
  steps = 0
  /** Something on the way could not be followed: an argument for less confidence. */
  isPartial = false
  /** Something that stands before could not be followed, and may refuse whoever comes; what is done after it is seen all the same. */
  isGuardUnsure = false

  /** What a framework hands to everything that it calls for one request: what one puts on it, the next finds there. */
  handed: Cell | null = null
  /** What has been kept for the request by name, by what stands before. */
  readonly kept = new Map<string, Value>()
  /** Parts of the request that a framework has put through a schema. */
  readonly isValidated = new Set<string>()
  /** Classes of which an object is being made: two that make each other would go on for ever. */
  readonly constructing = new Set<object>()
  readonly #sources = new Map<string, object>()

  constructor(meanings: Meanings) {
    this.meanings = meanings
  }

  /** What a part of the request is known by: it is one, however often it is read. */
  sourceOf(part: string): object {
    const known = this.#sources.get(part) ?? { part }
    this.#sources.set(part, known)
    return known
  }

  evaluate(node: Expression | Super | PrivateIdentifier, here: Here): Value {
    return this.meanings.language.evaluate(this, node, here)
  }

  execute(node: Statement | Directive, here: Here): void {
    this.meanings.language.execute(this, node, here)
  }

  /** From here on what a handler returns is its answer. */
  returnsAnswers(status = 200): void {
    this.onAnswer = (body, spot) => void this.note(spot, { fact: 'answer', status: literal(status), body })
  }

  /** Whether what is being followed is the handler itself, and nothing that it calls. */
  get isAnswering(): boolean {
    return this.frame !== null && this.frame.outer === this.handlerIn
  }

  get isSpent(): boolean {
    return this.steps > MOST_STEPS
  }

  mayEnter(node: object): boolean {
    return !this.isSpent && (this.frame?.depth ?? 0) < MOST_DEPTH && !this.isWithin(node)
  }

  /** Whether a function is being followed twice already: a third time would find out nothing that is new. */
  isWithin(node: object): boolean {
    let times = 0
    for (let frame = this.frame; frame !== null; frame = frame.outer) if (frame.node === node) times += 1
    return times >= 2
  }

  /** Notes what happens here. */
  note<H extends Happening>(spot: Spot, what: H): H & Setting {
    const fact = { ...what, ...spot, ...this.setting() }
    this.facts.push(fact)
    this.trying?.record.tried.push(fact)
    this.inCatch?.facts.push(fact)
    return fact
  }

  setting(): Omit<Setting, keyof Spot> {
    return {
      via: this.via(),
      within: this.#within(),
      known: this.state.known,
      caughtBy: this.trying?.record ?? null,
      inCatch: this.inCatch,
      loop: this.loop,
    }
  }

  /** Follows what is done for each of `rows`, or again and again where there are none, at a place. A few that are written out are no loop: it is as long as it looks. */
  repeated<T>(rows: Value | null, spot: Spot, work: () => T): T {
    const outer = this.loop
    const hasRows = rows !== null
    if (!hasRows || !isWrittenOut(rows)) this.loop = { ...spot, within: this.#within(), hasRows }
    const result = work()
    this.loop = outer
    return result
  }

  /** The nearest function that has a name: a callback is part of the one around it. */
  #within(): Within | null {
    for (let { frame } = this as { frame: Frame | null }; frame !== null; frame = frame.outer)
      if (frame.name !== null) return { file: frame.module.file, node: frame.node, name: frame.name }
    return null
  }

  via(): Spot[] {
    const calls: Spot[] = []
    for (let frame = this.frame; frame !== null; frame = frame.outer) if (frame.call !== null) calls.unshift(frame.call)
    return calls
  }

  learn(spot: Spot, conditions: readonly Condition[]): void {
    if (conditions.length === 0) return
    this.state.learn(conditions)
    this.note(spot, { fact: 'guard', conditions })
  }

  /** What a path ends with: a `throw`, a redirect, an exit. */
  leave(): void {
    this.trying?.thrown.push(this.state.fork())
    this.state.isReached = false
  }
}

export function spotOf(file: SourceFile, node: Pick<Expression, 'start' | 'end'>): Spot {
  return { file, node }
}
