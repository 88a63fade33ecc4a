import { mkdirSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

/**
 * Makes a directory and those above it. One that is named `.postern` is ours and gets a `.gitignore`, under whatever host:
 * the secret and everybody's rows are one `git add .` away from being published. Throws what the file system says.
 */
export function makeDirectory(directory: string): void {
  make(directory)
  if (basename(directory) !== '.postern') return
  try {
    writeFileSync(join(directory, '.gitignore'), '*\n', { flag: 'wx' })
  } catch (error) {
    // Written before, or a directory that is only read from by now: what matters there exists.
    if (!isCode(error, 'EEXIST') && !isCode(error, 'EACCES') && !isCode(error, 'EROFS')) throw error
  }
}

/** By hand, one level at a time: Node's own `recursive` never returns from a place like /proc/x (ran, Node 20). */
function make(directory: string): void {
  try {
    mkdirSync(directory)
  } catch (error) {
    if (isDirectory(directory)) return
    const above = dirname(directory)
    if (!isCode(error, 'ENOENT') || above === directory || isDirectory(above)) throw error
    makeDirectory(above)
    make(directory)
  }
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory()
  } catch {
    return false
  }
}

const isCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code
