import { REQUEST } from '../catalog/web.js'
import { calledWith } from './called-with.js'
import type { EntryPoint } from './entry-point.js'
import type { Registry } from './registry.js'

/** Functions of Supabase, and whatever else is served by `Deno.serve(handler)`. */
export function edgeFunctions({ served }: Registry): EntryPoint[] {
  return served.map(({ handler, spot }) => {
    const name = /functions\/([^/]+)\//.exec(spot.file.path)?.[1]
    const path = name === undefined ? null : `/${name}`
    const follow = calledWith(handler, [REQUEST], spot)
    return { kind: 'endpoint', framework: 'supabase', symbol: 'serve', method: null, path, spot, follow }
  })
}
