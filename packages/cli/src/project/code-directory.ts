import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Project } from './find-project.js'

/**
 * An empty `.postern/code/<verb>-<pid>/`, gone when this process ends: what is compiled for one process must not be emptied
 * by another, which runs the same verb beside it. In a folder of its own: beside it lie the embedded database
 * (`.postern/db`) and the development secret, which no verb's name may ever reach.
 */
export function codeDirectory({ directory }: Project, verb: string): string {
  const home = join(directory, '.postern')
  const all = join(home, 'code')
  const code = join(all, `${verb}-${process.pid}`)
  sweep(all)
  // Of an earlier process by the same number, as in a container that begins again.
  rmSync(code, { recursive: true, force: true })
  mkdirSync(code, { recursive: true })
  process.once('exit', () => rmSync(code, { recursive: true, force: true }))
  // The secret and everybody's rows are one `git add .` away from being published.
  if (!existsSync(join(home, '.gitignore'))) writeFileSync(join(home, '.gitignore'), '*\n')
  return code
}

/** What a process left that was killed, and could not clean up. */
function sweep(all: string): void {
  for (const name of existsSync(all) ? readdirSync(all) : []) {
    const pid = /^[a-z]+-(\d+)$/.exec(name)?.[1]
    if (pid !== undefined && !isAlive(Number(pid))) rmSync(join(all, name), { recursive: true, force: true })
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // One of another user is there, though it may not be asked.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
