import { HONO_CONTEXT } from '../catalog/hono.js'
import { TRPC_CONTEXT } from '../catalog/trpc.js'
import { REQUEST } from '../catalog/web.js'
import type { SourceFile } from '../source/source-file.js'
import { nodesAround } from '../source/nodes-around.js'
import { callValue } from '../trace/call.js'
import type { FunctionValue, LibraryValue, Spot, Value } from '../trace/model.js'
import type { Modules } from '../trace/modules.js'
import { object, UNKNOWN } from '../trace/value.js'
import type { Walker } from '../trace/walker.js'
import type { EntryPoint } from './entry-point.js'
import { followProcedure } from './procedure-chain.js'
import type { Registry } from './registry.js'

/** The procedures of tRPC and oRPC, each behind the middleware that its builder has. */
export function procedures(registry: Registry, files: readonly SourceFile[], modules: Modules): EntryPoint[] {
  const makers = contextMakers(files, modules)
  const seen = new Set<string>()
  return registry.procedures.flatMap((one): EntryPoint[] => {
    const { spot, dialect, method } = one
    // A function that makes a router may be called more than once.
    const place = `${spot.file.path}:${spot.node.start}:${spot.node.end}`
    if (seen.has(place)) return []
    seen.add(place)
    const make = dialect.context === 'ctx' ? nearest(makers, spot.file.path) : undefined
    const follow = (walker: Walker) => {
      walker.isGuardUnsure ||= make === undefined && isGivenContext(one.built)
      followProcedure(walker, { ...one, context: contextBy(walker, make, spot) }, dialect)
    }
    const framework = dialect.context === 'ctx' ? 'trpc' : 'orpc'
    return [{ kind: 'endpoint', framework, symbol: nameOf(spot), method, path: null, spot, follow }]
  })
}

/** The name that a router has it by. */
function nameOf({ file, node }: Spot): string {
  const named = nodesAround(file, node).findLast((one) => one.type === 'Property' || one.type === 'VariableDeclarator')
  if (named === undefined) return 'procedure'
  const name = (named.type === 'Property' ? named.key : (named as { id: unknown }).id) as {
    readonly name?: string
    readonly value?: unknown
  }
  return name.name ?? String(name.value ?? 'procedure')
}

/** Whether somebody was to give it one. */
function isGivenContext({ path }: LibraryValue): boolean {
  return path.some(({ name }) => name === 'context' || name === '$context')
}

interface ContextMaker {
  readonly file: string
  readonly name: string
  readonly make: FunctionValue
}

const EXPORTS_MAKER = /export\s+(?:default\s+)?(?:async\s+)?(?:function|const)\s+create\w*Context\w*/i

/** What makes the context of each call. It is found by its name, and what it does is its body's to say. */
function contextMakers(files: readonly SourceFile[], modules: Modules): ContextMaker[] {
  return files
    .filter(({ text }) => EXPORTS_MAKER.test(text))
    .flatMap(({ path: file }) =>
      modules
        .exportsOf(file)
        .filter((name) => /^create(?:trpc|rpc)?context$/i.test(name))
        .flatMap((name) => {
          const make = modules.exported(file, name)
          return make?.kind === 'function' ? [{ file, name, make }] : []
        }),
    )
}

/** That of the same package: of several the one whose folder is shared for longest. */
function nearest(makers: readonly ContextMaker[], path: string): ContextMaker | undefined {
  const shared = ({ file }: ContextMaker) => {
    const [mine, theirs] = [path.split('/'), file.split('/')]
    const at = mine.findIndex((part, index) => part !== theirs[index])
    return at === -1 ? mine.length : at
  }
  return makers.toSorted((a, b) => shared(b) - shared(a))[0]
}

function contextBy(walker: Walker, maker: ContextMaker | undefined, spot: Spot): Value {
  if (maker === undefined) return TRPC_CONTEXT
  const headers = { ...REQUEST, path: [...REQUEST.path, { name: 'headers' }] }
  const given = object({ req: REQUEST, request: REQUEST, headers, res: UNKNOWN, resHeaders: UNKNOWN, c: HONO_CONTEXT })
  const made = callValue(walker, maker.make, [given, HONO_CONTEXT], { spot })
  return made.kind === 'object' || made.kind === 'either' ? made : { ...object({}), others: [made, TRPC_CONTEXT] }
}
