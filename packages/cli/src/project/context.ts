import type { Survey } from '../facts/source/survey.js'
import type { Watch } from '../facts/source/watch.js'
import type { Terminal } from '../terminal.js'

/** What every command gets: where it runs, what it reads, whom it tells. */
export interface Context {
  /** The project's directory, as `--cwd` says or where the command was called. */
  readonly cwd: string
  readonly environment: NodeJS.ProcessEnv
  readonly terminal: Terminal
  /** Who watches over the audit of a tree from outside, where somebody does. */
  readonly watch?: Watch
  /** What they have read of it meanwhile, where they have. */
  readonly surveyed?: (root: string) => Survey | undefined
}

/** In production nothing happens to a database that was not asked for. */
export function isProduction(environment: NodeJS.ProcessEnv): boolean {
  return environment.NODE_ENV === 'production'
}
