import { ORPC } from '../entry/procedure-dialect.js'
import type { Library } from './library.js'
import { building, middleware, serves } from './procedures.js'

export const orpc: Library = {
  packages: ['@orpc/server'],
  calls: { ...building(), '**.middleware()': middleware, '**.handler()': serves(ORPC, 'POST') },
}
