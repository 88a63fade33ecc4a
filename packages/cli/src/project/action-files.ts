import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * The files of a project that say `'use server'` at their top: whatever they export can be called from outside. Relative to
 * the project, in order. A function that says so in its own body is not found: what it closes over belongs to its component.
 */
export async function actionFiles(projectDirectory: string): Promise<string[]> {
  const found: string[] = []
  await search(projectDirectory, '', found)
  return found.sort()
}

async function search(root: string, folder: string, found: string[]): Promise<void> {
  const entries = await readdir(join(root, folder), { withFileTypes: true })
  for (const entry of entries) {
    const file = folder === '' ? entry.name : `${folder}/${entry.name}`
    if (entry.isDirectory()) {
      if (!entry.name.startsWith('.') && !NOT_SOURCES.has(entry.name)) await search(root, file, found)
    } else if (SOURCE.test(entry.name) && isServerFile(await readFile(join(root, file), 'utf8'))) {
      found.push(file)
    }
  }
}

/** Whether the first thing that a module says is the directive; only comments may stand before it. */
export function isServerFile(source: string): boolean {
  let rest = source.trimStart()
  while (rest.startsWith('//') || rest.startsWith('/*')) {
    const end = rest.startsWith('//') ? rest.indexOf('\n') : rest.indexOf('*/')
    if (end === -1) return false
    rest = rest.slice(end + (rest.startsWith('//') ? 1 : 2)).trimStart()
  }
  return /^(?:'use server'|"use server")(?=[;\s]|$)/.test(rest)
}

const SOURCE = /^(?!.*\.(?:test|spec|d)\.).*\.(?:[cm]?[jt]s|[jt]sx)$/
const NOT_SOURCES: ReadonlySet<string> = new Set([
  'node_modules',
  'dist',
  'build',
  'out',
  'coverage',
  'public',
  'migrations',
])
