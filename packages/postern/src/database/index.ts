export { database, type Database, type DatabaseOptions } from './database.js'
export type { Connection, Connections, HeldConnection, OwnerConnection, PoolOptions } from './connections.js'
export { DirectoryInUse } from './lock.js'
export { DatabaseUnreachable } from './unreachable.js'
