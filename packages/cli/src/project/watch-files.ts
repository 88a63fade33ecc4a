import { type FSWatcher, readdirSync, statSync, watch } from 'node:fs'
import { basename, dirname, join, relative, sep } from 'node:path'
import { UsageError } from '../errors.js'

/**
 * Tells of files that change under a directory, new folders included. Each folder is watched and no file: an editor that
 * writes beside and renames leaves a watched file behind. Node's own recursive watching loses folders that come later.
 */
export class WatchedFiles {
  readonly #root: string
  readonly #changed: (file: string) => void
  readonly #folders = new Map<string, FSWatcher>()

  constructor(root: string, changed: (file: string) => void) {
    this.#root = root
    this.#changed = changed
    this.#coverAll(root)
  }

  /** Watches one folder more, by itself: where the project imports from outside its directory. */
  cover(folder: string): void {
    if (this.#folders.has(folder)) return
    try {
      const watcher = watch(folder, (_kind, name) => this.#noticed(folder, name))
      // A folder that is removed under its watcher; its parent tells of that.
      watcher.on('error', () => this.#leave(folder))
      this.#folders.set(folder, watcher)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'ENOENT' || code === 'ENOTDIR') return
      if (code !== 'ENOSPC' && code !== 'EMFILE') throw error
      const hint = 'Raise fs.inotify.max_user_watches and max_user_instances, or use `postern start`'
      throw new UsageError('This system watches as many files as it allows already', hint, { cause: error })
    }
  }

  close(): void {
    for (const folder of this.#folders.keys()) this.#leave(folder)
  }

  #noticed(folder: string, name: string | null): void {
    if (name === null) return this.#changed(folder)
    const path = join(folder, name)
    if (this.#isIgnored(path)) return
    if (isFolder(path)) {
      // Removed and made again within a moment (a branch was switched): what is watched is the folder that is gone.
      if (this.#isOwn(path)) this.#renew(path)
    } else if (this.#folders.has(path)) this.#leave(path)
    this.#changed(path)
  }

  #renew(folder: string): void {
    this.#leave(folder)
    this.#coverAll(folder)
  }

  #coverAll(folder: string): void {
    this.cover(folder)
    for (const entry of readFolder(folder)) {
      const path = join(folder, entry.name)
      if (entry.isDirectory() && !this.#isIgnored(path)) this.#coverAll(path)
    }
  }

  #leave(folder: string): void {
    for (const [path, watcher] of this.#folders) {
      if (path !== folder && !path.startsWith(join(folder, '/'))) continue
      watcher.close()
      this.#folders.delete(path)
    }
  }

  /** Not what is watched besides: `node_modules` for its lock, folders outside. */
  #isOwn(path: string): boolean {
    const parts = relative(this.#root, path).split(sep)
    return parts[0] !== '..' && !parts.includes('node_modules')
  }

  #isIgnored(path: string): boolean {
    if (IGNORED.has(basename(path))) return true
    // A route may well be called `dist`; the project's own is what `postern build` wrote.
    return basename(path) === 'dist' && relative(this.#root, dirname(path)) === ''
  }
}

const IGNORED = new Set(['node_modules', '.git', '.postern', '.next'])

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
}

function readFolder(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch {
    return []
  }
}
