import type { ModuleScope, Scope } from './model.js'

/** Where code stands: the names that it sees, and the module that it is in. */
export interface Here {
  readonly scope: Scope
  readonly module: ModuleScope
}
