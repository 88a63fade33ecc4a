export { type Answer, type Caller, type SendOptions } from './caller.js'
export type { Happened, Recorded } from './happened.js'
export { type RouteModules } from './route-modules.js'
export { testBackend, type TestBackend, type TestOptions } from './test-backend.js'
