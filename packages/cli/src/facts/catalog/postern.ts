import { UNKNOWN } from '../trace/value.js'
import type { Library } from './library.js'

/** Postern: what stands in its slots is asked by the runtime, before anything of it is called. */
export const postern: Library = {
  packages: ['postern', 'postern/'],
  calls: { '**.action().()': () => UNKNOWN, '**.endpoint().()': () => UNKNOWN },
  settles: () => undefined,
}
