import type { ClassValue } from '../trace/model.js'
import { callValue } from '../trace/call.js'
import { memberOf } from '../trace/member.js'
import { origin } from '../trace/origin.js'
import { from, UNKNOWN } from '../trace/value.js'
import type { Meanings } from '../trace/walker.js'
import type { Told } from './decorators.js'
import type { EntryPoint } from './entry-point.js'
import { nestContext } from './nest-context.js'
import { spotOf } from './nest-app.js'

/**
 * What makes an answer of whatever flies out of the routes: it is followed with an error of which nothing is known. One that catches
 * exceptions of a kind was made to tell them.
 */
export function followFilter(of: ClassValue, { args }: Told, meanings: Meanings): EntryPoint[] {
  const isForAll = args.every((one) => one.kind === 'library' && one.package === 'global')
  const member = of.node.body.body.find(
    (one) => one.type === 'MethodDefinition' && (one.key as { name?: string }).name === 'catch',
  )
  if (!isForAll || member === undefined) return []
  const spot = { file: of.module.file, node: member }
  const follow: EntryPoint['follow'] = (walker) => {
    const self = meanings.instance(of, spotOf(of)) ?? UNKNOWN
    const handler = memberOf(walker, self, 'catch', { isOptional: true, spot: null })
    const caught = from(origin({ from: 'error', name: '', source: member }))
    callValue(walker, handler, [caught, nestContext(walker, [], [])], { spot })
  }
  const symbol = `${of.node.id?.name ?? 'Filter'}.catch`
  return [{ kind: 'endpoint', framework: 'nest', symbol, method: null, path: null, spot, follow }]
}
