import { closeSync, constants, type Dirent, openSync, readdirSync, readSync, statSync } from 'node:fs'
import { extname, join } from 'node:path'

/** A file that the audit did not read, and why. */
export interface Unreadable {
  readonly file: string
  readonly reason: string
}

/** The files of a tree by their paths from its root, with `/`: read when they are asked for, and never run. */
export interface Tree {
  readonly root: string
  readonly files: readonly string[]
  readonly unreadable: readonly Unreadable[]
  /** The text of a file, or why it has none. */
  readonly read: (path: string) => Read
}

export type Read = { readonly text: string } | { readonly reason: string }

/** What is read: code, SQL, and what says how files find each other. */
const CODE = new Set(['.ts', '.tsx', '.mts', '.cts', '.js', '.jsx', '.mjs', '.cjs'])
const OTHERS = new Set(['.sql', '.prisma'])

/** Never a project's own code, whatever its settings say. Names that begin with a dot are not entered either. */
const FOREIGN = new Set(['node_modules', 'dist', 'build', 'out', 'coverage', 'vendor', '__generated__'])

/** One that is larger holds data or a bundle. */
const MOST_BYTES = 1_500_000

/**
 * Lists what is to be read under `root`. A link is not followed: it may lead out of the tree, or round in a circle.
 * What can't be read is told and is no failure.
 */
export function readTree(root: string): Tree {
  const files: string[] = []
  const unreadable: Unreadable[] = []
  const enter = (directory: string) => {
    let entries
    try {
      entries = readdirSync(join(root, directory), { withFileTypes: true })
    } catch (error) {
      return void unreadable.push({ file: directory, reason: reasonOf(error) })
    }
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = directory === '' ? entry.name : `${directory}/${entry.name}`
      if (entry.isDirectory()) {
        if (isEntered(entry.name)) enter(path)
      } else if (entry.isFile()) {
        if (isWanted(entry.name)) files.push(path)
      } else if (isMissed(entry, join(root, path))) {
        unreadable.push({ file: path, reason: entry.isSymbolicLink() ? A_LINK : NO_FILE })
      }
    }
  }
  enter('')
  return treeAt(root, files, unreadable)
}

/** A tree that was listed before. */
export function treeAt(root: string, files: readonly string[], unreadable: readonly Unreadable[]): Tree {
  return { root, files, unreadable, read: reader(root) }
}

const A_LINK = 'a link'
const NO_FILE = 'no regular file'

const isEntered = (name: string) => !name.startsWith('.') && !FOREIGN.has(name)

/** Whether something that is neither a file nor a directory stands where one would be read. */
function isMissed(entry: Dirent, full: string): boolean {
  if (isWanted(entry.name)) return true
  if (!entry.isSymbolicLink() || !isEntered(entry.name)) return false
  try {
    return statSync(full).isDirectory()
  } catch {
    return false
  }
}

/** A tree that is nowhere but here: examples and tests. */
export function treeOf(texts: Readonly<Record<string, string>>): Tree {
  const read = (path: string): Read => (texts[path] === undefined ? { reason: 'ENOENT' } : { text: texts[path] })
  return { root: '', files: Object.keys(texts).sort(), unreadable: [], read }
}

function isWanted(name: string): boolean {
  const extension = extname(name)
  if (CODE.has(extension)) return !name.endsWith('.d.ts') && !name.endsWith('.min.js')
  return (
    OTHERS.has(extension) || name === 'package.json' || name === 'config.toml' || /^[jt]sconfig.*\.json$/.test(name)
  )
}

export function isCode(path: string): boolean {
  return CODE.has(extname(path))
}

/** Code, SQL, schemas: what a rule may speak of. */
export function isSource(path: string): boolean {
  return isCode(path) || OTHERS.has(extname(path))
}

/**
 * Between a look at the path and its opening somebody may put a link there, or a pipe: a link is not opened, and nothing is waited
 * for. All are read into the same memory, without asking for their size, which takes a quarter of the time.
 */
function reader(root: string): Tree['read'] {
  const memory = Buffer.allocUnsafe(MOST_BYTES + 1)
  return (path) => {
    let file: number | undefined
    try {
      file = openSync(`${root}/${path}`, OPENING)
      let length = 0
      for (let read = -1; read !== 0 && length < memory.length; length += read)
        read = readSync(file, memory, length, memory.length - length, length)
      if (length > MOST_BYTES) return { reason: `larger than ${MOST_BYTES} bytes` }
      const bytes = memory.subarray(0, length)
      // As PowerShell writes what is redirected into a file.
      if (bytes[0] === 0xff && bytes[1] === 0xfe) return { text: bytes.toString('utf16le', 2) }
      // What holds a zero byte is no text, whatever its name says.
      return bytes.includes(0) ? { reason: 'binary' } : { text: bytes.toString('utf8') }
    } catch (error) {
      return { reason: reasonOf(error) }
    } finally {
      if (file !== undefined) closeSync(file)
    }
  }
}

/** Neither through a link nor waiting for whoever writes into a pipe; Windows knows neither flag. */
const OPENING = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)

function reasonOf(error: unknown): string {
  const { code } = error as { code?: string }
  if (code === 'EAGAIN' || code === 'ENXIO' || code === 'EISDIR') return NO_FILE
  return code === 'ELOOP' ? A_LINK : (code ?? String(error))
}
