import type { Terminal } from '../terminal.js'

/** What every command gets: where it runs, what it reads, whom it tells. */
export interface Context {
  /** The project's directory, as `--cwd` says or where the command was called. */
  readonly cwd: string
  readonly environment: NodeJS.ProcessEnv
  readonly terminal: Terminal
}

/** In production nothing happens to a database that was not asked for. */
export function isProduction(environment: NodeJS.ProcessEnv): boolean {
  return environment.NODE_ENV === 'production'
}
