import type { MigrationTarget } from 'postern/database'

/** What the command line needs of a backend, by its shape: the project may run on another version than the command. */
export interface LoadedBackend {
  readonly database: LoadedDatabase
}

export interface LoadedDatabase extends MigrationTarget {
  readonly schema: Readonly<Record<string, unknown>>
  /** What a person calls it: never with a password. */
  readonly label: string
  readonly kind: 'postgres' | 'embedded'
  open(): Promise<unknown>
  close(): Promise<void>
  /** A Drizzle handle that acts as the service. */
  service(reason: string): unknown
}

/** Whether the database is a client of the project's own, which Postern neither migrates nor fills. Looking opens nothing. */
export function isForeign({ database }: LoadedBackend): boolean {
  return 'client' in database
}

export interface RunningServer {
  readonly url: string
  readonly port: number
  /** Serves other code on the same socket; see `serve()`. */
  replace(load: () => Promise<AppOptions | null>): Promise<void>
  close(): Promise<void>
}

interface AppOptions {
  readonly backend: LoadedBackend
  readonly routes: readonly { readonly path: string; readonly module: Readonly<Record<string, unknown>> }[]
}

interface ServeOptions extends AppOptions {
  readonly port: number
  readonly hostname?: string
  readonly signals?: boolean
  readonly logs?: { readonly startLevel: 'debug' | 'info' }
}

interface WorkOptions {
  readonly backend: LoadedBackend
  readonly signals?: boolean
  readonly logs?: { readonly startLevel: 'debug' | 'info' }
}

export type CreateApp = (options: AppOptions) => unknown
export type Serve = (options: ServeOptions) => Promise<RunningServer>
export type Work = (options: WorkOptions) => Promise<{ close(): Promise<void> }>
