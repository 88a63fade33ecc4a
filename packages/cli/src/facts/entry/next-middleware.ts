import type { Condition, Fact, Value } from '../trace/model.js'
import { requestTo } from '../catalog/web.js'
import { textOf } from '../catalog/library.js'
import { callValue } from '../trace/call.js'
import { inAll, withAll } from '../trace/condition.js'
import type { Modules } from '../trace/modules.js'
import { casesOf, UNDEFINED, UNKNOWN } from '../trace/value.js'
import { type Meanings, Walker } from '../trace/walker.js'
import { declarationOf } from './declaration.js'
import type { EntryPoint } from './entry-point.js'
import { fitsPattern } from './path-pattern.js'

/** What stands in front of the routes of one app of Next.js. */
export interface NextMiddleware {
  /** The folder that holds `app/`, or `src/app/`. */
  readonly root: string
  readonly file: string
}

/** `middleware.ts`, and `proxy.ts` since Next.js 16: beside `app/`, or one folder above where that lies in `src/`. */
export function nextMiddleware(files: readonly string[]): NextMiddleware[] {
  return files.flatMap((file) => {
    const match = /^(.*?\/)?(?:src\/)?(?:middleware|proxy)\.[cm]?[jt]s$/.exec(file)
    return match === null ? [] : [{ root: match[1] ?? '', file }]
  })
}

/** An endpoint behind what stands in front of its path: what that has found out by the time it lets through is known in it. */
export function behindMiddleware(
  entry: EntryPoint,
  all: readonly NextMiddleware[],
  modules: Modules,
  meanings: Meanings,
): EntryPoint {
  const { path } = entry
  const { path: file } = entry.spot.file
  const [own] = all
    .filter(({ root }) => file.startsWith(root) && /^(?:src\/)?(?:app|pages)\//.test(file.slice(root.length)))
    .toSorted((a, b) => b.root.length - a.root.length)
  if (own === undefined || path === null) return entry
  const follow: EntryPoint['follow'] = (walker) => {
    const passed = letThrough(own.file, path, entry.method, modules, meanings)
    walker.facts.push(...passed.facts)
    walker.state.learn(passed.conditions)
    walker.isGuardUnsure ||= passed.isUnsure
    entry.follow(walker)
  }
  return { ...entry, follow }
}

interface Passed {
  readonly conditions: readonly Condition[]
  /** Where that was found out. */
  readonly facts: readonly Fact[]
  /** Whether it may refuse more than could be shown. */
  readonly isUnsure: boolean
}

const NOTHING: Passed = { conditions: [], facts: [], isUnsure: false }
const UNSURE: Passed = { ...NOTHING, isUnsure: true }

/** What is known of whoever has come through to a path. */
function letThrough(file: string, path: string, method: string | null, modules: Modules, meanings: Meanings): Passed {
  const scope = modules.scopeOf(file)
  if (scope === undefined) return UNSURE
  const names = ['default', 'middleware', 'proxy']
  const name = names.find((one) => modules.exported(file, one) !== undefined)
  const handler = name === undefined ? undefined : modules.exported(file, name)
  if (name === undefined || handler === undefined) return NOTHING
  // A path with its parameters filled in, as a request has it.
  const asked = path.replace(/:\w+/g, 'x')
  const isMatched = isUnderMatcher(asked, modules.exported(file, 'config'))
  if (isMatched === false) return NOTHING
  const walker = new Walker(meanings)
  const spot = declarationOf(scope.file, name)
  const result = callValue(walker, handler, [requestTo(asked, method), UNKNOWN], { spot })
  // It answers all there is, or throws: whatever this is, nobody wrote it to serve the route.
  if (!walker.state.isReached) return UNSURE
  const cases = casesOf(result)
  const passing = cases.filter(({ value }) => !isAnswer(value))
  if (passing.length === 0 || isMatched === undefined) return UNSURE
  const shared = inAll(passing.map(({ given }) => withAll(walker.state.known, given)))
  const conditions = [...shared.values()].filter(({ is }) => TELLING.has(is))
  if (conditions.length > 0)
    return { conditions, facts: walker.facts.filter((fact) => tells(fact, conditions)), isUnsure: false }
  const refuses = cases.some(({ value, given }) => isAnswer(value) && !given.some(({ is }) => TELLING.has(is)))
  return refuses || passing.some(({ value }) => isGuardLike(value)) || isRewritten(passing) ? UNSURE : NOTHING
}

/** What lets somebody in. */
const TELLING = new Set<Condition['is']>(['authenticated', 'permitted', 'secret-known', 'signature-holds'])

function tells(fact: Fact, conditions: readonly Condition[]): boolean {
  if (fact.fact === 'identity') return conditions.some((one) => 'by' in one && one.by === fact)
  return fact.fact === 'guard' && fact.conditions.some((one) => conditions.includes(one))
}

/** An answer of its own, in whose place the route's never comes. */
function isAnswer(value: Value): boolean {
  return value.kind === 'object' && value.properties.has('status')
}

/** Of a library that nobody has described, and called like something that asks who is calling. */
function isGuardLike(value: Value): boolean {
  return (
    value.kind === 'library' &&
    /auth|guard|protect|session|jwt|permission|role/i.test(
      [value.package, ...value.path.map(({ name }) => name)].join(' '),
    )
  )
}

function isRewritten(passing: readonly { readonly value: Value }[]): boolean {
  return passing.some(({ value }) => value.kind === 'library' && value.path.at(-1)?.name === 'rewrite')
}

/** `export const config = { matcher }`; without one it stands in front of all. `undefined` where that can't be told. */
function isUnderMatcher(path: string, config: Value | undefined): boolean | undefined {
  if (config === undefined) return true
  if (config.kind !== 'object') return undefined
  const matcher = config.properties.get('matcher') ?? UNDEFINED
  if (matcher.kind === 'literal' && matcher.value === undefined) return true
  const found = (matcher.kind === 'list' ? matcher.items : [matcher]).map((one) => fitsMatcher(path, one))
  if (found.includes(true)) return true
  return found.includes(undefined) ? undefined : false
}

function fitsMatcher(path: string, matcher: Value): boolean | undefined {
  const pattern = textOf(matcher)
  if (pattern !== undefined) return fitsPattern(path, pattern)
  if (matcher.kind !== 'object') return undefined
  const source = textOf(matcher.properties.get('source'))
  const fits = source === undefined ? undefined : fitsPattern(path, source)
  // Whether a header or a cookie is there is the client's to choose.
  const isUpToClient = matcher.properties.has('has') || matcher.properties.has('missing')
  return fits === true && isUpToClient ? undefined : fits
}
