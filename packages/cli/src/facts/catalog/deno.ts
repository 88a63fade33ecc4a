import { UNKNOWN } from '../trace/value.js'
import type { Library, Meaning } from './library.js'

/** `Deno.serve(handler)`, and `serve(handler)` of its standard library. */
export const serves: Meaning = ({ args, spot, walker }) => {
  const handler = args.findLast(({ kind }) => kind === 'function')
  if (handler !== undefined) walker.meanings.registry.served.push({ handler, spot })
  return UNKNOWN
}

/** Deno's standard library, by its addresses. */
export const deno: Library = {
  packages: ['https://deno.land/std', 'https://deno.land/', 'jsr:@std/', 'std/'],
  calls: { 'serve()': serves },
}
