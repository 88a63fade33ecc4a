import { existsSync } from 'node:fs'
import { basename, dirname, extname, join, sep } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

/** Files that changed and have not been answered yet. */
export class Changes {
  readonly #files = new Set<string>()
  #last = 0
  #wake: () => void = () => undefined

  add(file: string): void {
    this.#last = performance.now()
    this.#files.add(file)
    this.#wake()
  }

  /** Settles when there is something. */
  async some(): Promise<void> {
    if (this.#files.size === 0) await new Promise<void>((resolve) => (this.#wake = resolve))
  }

  /** Takes what there is, once it has been quiet: a branch that is switched is one change, not a hundred. */
  async settled(): Promise<string[]> {
    const limit = performance.now() + LONGEST_MS
    while (performance.now() - this.#last < QUIET_MS && performance.now() < limit) await pause(QUIET_MS / 3)
    const files = [...this.#files]
    this.#files.clear()
    return files
  }
}

// Editors write in two or three steps within a few milliseconds.
const QUIET_MS = 30
const LONGEST_MS = 1_000

/** Whether a file may change what runs. A log that the project writes in its own folder is no reason to let requests wait. */
export function isRelevant(file: string, inputs: ReadonlySet<string> | undefined): boolean {
  const name = basename(file)
  if (meansRestart(file)) return true
  if (file.includes(`${sep}node_modules${sep}`)) return false
  if (inputs === undefined || inputs.has(file)) return true
  return CODE.has(extname(file)) || /^tsconfig.*\.json$/.test(name) || extname(name) === ''
}

/** A folder has no ending, and may bring routes with it. */
const CODE = new Set(['.ts', '.tsx', '.mts', '.cts', '.js', '.jsx', '.mjs', '.cjs', '.sql'])

/** What a process reads once: its environment, and its packages. */
export function meansRestart(file: string): boolean {
  return RESTART.has(basename(file))
}

/** The last three are what npm, pnpm and yarn write into `node_modules` when they are done. */
const RESTART = new Set(['.env', 'package.json', '.package-lock.json', '.modules.yaml', '.yarn-state.yml'])

/** Where package managers say that they installed something: here, and above in a workspace. */
export function packageMarkers(directory: string): string[] {
  const above = dirname(directory)
  const folder = join(directory, 'node_modules')
  return [...(existsSync(folder) ? [folder] : []), ...(above === directory ? [] : packageMarkers(above))]
}
