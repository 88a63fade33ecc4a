export { currentPrincipal } from './current-principal.js'
export { prepareBackend, type PrepareOptions } from './prepare-backend.js'
export { type JsonOf, readEndpoint, type ReadOptions } from './read-endpoint.js'
export { withPostern } from './with-postern.js'
