import type { CallExpression } from 'oxc-parser'
import type { FunctionValue, LibraryValue, Spot, Step, Value } from '../trace/model.js'
import type { ProcedureDialect } from './procedure-dialect.js'

/** What was said to an app or a router, in the order in which it was said. */
export interface Registration {
  /** `null` for what stands in front of others: middleware, hooks, routers. */
  readonly method: string | null
  readonly path: string
  readonly handlers: readonly Value[]
  readonly spot: Spot
  /** Whatever else the framework was told: schemas, hooks of this route alone. */
  readonly options?: Value
}

/** A handler that was handed to a server, without any router. */
export interface Served {
  readonly handler: Value
  readonly spot: Spot
}

/** A procedure with its handler, and all that was said before that. */
export interface Procedure {
  readonly built: LibraryValue
  readonly handler: Value
  readonly spot: Spot
  readonly dialect: ProcedureDialect
  readonly method: string
}

/** What an app makes an answer of errors with. */
export interface ErrorHandler {
  readonly framework: 'express' | 'hono' | 'fastify' | 'elysia'
  readonly handler: FunctionValue
  readonly app: LibraryValue
  readonly spot: Spot
}

/** What the code of a tree has told its frameworks to serve, while it was walked through. */
export class Registry {
  readonly #apps: LibraryValue[] = []
  readonly #said = new Map<Step, Registration[]>()
  /** What was handed to a server without any router. */
  readonly served: Served[] = []
  readonly procedures: Procedure[] = []
  readonly errorHandlers: ErrorHandler[] = []
  /** Decorators that a decorator of somebody's own has called by hand. */
  readonly applied: LibraryValue[] = []
  /** What a container gives for a token, by the token: see `providedBy`. */
  readonly provided = new Map<unknown, Value[]>()
  /** What was said and is not followed, with the reason. */
  readonly missed: { readonly file: string; readonly reason: string }[] = []

  /** Whether nobody was told of to the same app before, who would have heard of its errors first. */
  isFirst(told: ErrorHandler): boolean {
    const first = this.errorHandlers.find(({ app }) => keyOf(app) === keyOf(told.app))
    return first?.handler.node === told.handler.node
  }

  get apps(): readonly LibraryValue[] {
    return this.#apps
  }

  register(app: LibraryValue, registration: Registration): void {
    const key = keyOf(app)
    const told = { ...registration, spot: ownPart(registration.spot) }
    const said = this.#said.get(key)
    if (said !== undefined) return void said.push(told)
    this.#apps.push(appOf(app))
    this.#said.set(key, [told])
  }

  /** Where something was said to any app. */
  files(): ReadonlySet<string> {
    return new Set([...this.#said.values()].flatMap((said) => said.map(({ spot }) => spot.file.path)))
  }

  /** Whether it is an app, or a router, that was told something. */
  isApp(value: Value): value is LibraryValue {
    return value.kind === 'library' && this.of(value).length > 0
  }

  /** The apps that no other takes in. */
  rootsOf(apps: readonly LibraryValue[]): LibraryValue[] {
    const taken = apps
      .flatMap((app) => this.of(app))
      .flatMap(({ handlers }) => handlers.filter((one) => this.isApp(one)))
    return apps.filter((app) => !taken.some((one) => isSameApp(one, app)))
  }

  of(app: LibraryValue): readonly Registration[] {
    return this.#said.get(keyOf(app)) ?? []
  }
}

/** An app is known by the call that made it. */
function keyOf({ path }: LibraryValue): Step {
  return path.find(({ args }) => args !== undefined) ?? path[0]!
}

/** Of a chain, `new Hono().get(…).post(…)`, what is said last begins at its own name: all of them begin where the chain does. */
function ownPart({ file, node }: Spot): Spot {
  const { callee } = node as Partial<CallExpression>
  const isChained = callee?.type === 'MemberExpression' && /^(?:Call|New)Expression$/.test(callee.object.type)
  return isChained ? { file, node: { ...node, start: callee.property.start } } : { file, node }
}

export function isSameApp(a: LibraryValue, b: LibraryValue): boolean {
  return keyOf(a) === keyOf(b)
}

/** The app itself, whatever was called on it. */
export function appOf(value: LibraryValue): LibraryValue {
  const at = value.path.findIndex(({ args }) => args !== undefined)
  return { ...value, path: value.path.slice(0, at + 1) }
}
