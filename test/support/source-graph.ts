import { readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { ROOT } from './markdown.ts'

/** A source file as the laws see it; `path` is relative to its package's `src`, with slashes. */
export interface SourceFile {
  readonly path: string
  readonly text: string
  /** Files of the same package, by path; for their types alone, too: what a part knows of another it can be broken by. */
  readonly imports: readonly string[]
  /** Those of them that are there when the program runs. */
  readonly loads: readonly string[]
  /** Everything else: packages, Node's own, and relative paths that leave `src`. */
  readonly packages: readonly string[]
}

/** The production sources of a package. Tests may import what they like. */
export function sourcesOf(packageName: string): SourceFile[] {
  const src = join(ROOT, 'packages', packageName, 'src')
  return readdirSync(src, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.ts') && !/\.(?:test|test-d|d)\.ts$/.test(path))
    .sort()
    .map((path) => sourceFile(path, readFileSync(join(src, path), 'utf8')))
}

export function sourceFile(path: string, text: string): SourceFile {
  const imports = importsOf(text).map((each) => ({ ...each, own: ownPath(path, each.specifier) }))
  const ours = imports.flatMap(({ own, typesOnly }) => (own === undefined ? [] : [{ path: own, typesOnly }]))
  return {
    path,
    text,
    imports: ours.map((each) => each.path),
    loads: ours.filter(({ typesOnly }) => !typesOnly).map((each) => each.path),
    packages: imports.filter(({ own }) => own === undefined).map(({ specifier }) => packageOf(specifier)),
  }
}

function importsOf(text: string): { specifier: string; typesOnly: boolean }[] {
  const code = text.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '')
  const statements = code.matchAll(
    /^\s*(?:import|export)\s+(type\s+)?[^'"`;=]*?\bfrom\s*['"]([^'"]+)['"]|^\s*import\s*['"]([^'"]+)['"]/gm,
  )
  // A template is text of ours that becomes code elsewhere.
  const calls = code.replace(/`[^`\n]*`/g, '``').matchAll(/\b(?:import|require)\(\s*['"]([^'"]+)['"]\s*\)/g)
  return [
    ...[...statements].map(([, type, from, bare]) => ({
      specifier: from ?? bare ?? '',
      typesOnly: type !== undefined,
    })),
    ...[...calls].map(([, specifier = '']) => ({ specifier, typesOnly: false })),
  ]
}

/** A file of the same package, or `undefined` for what lies outside of its `src`. */
function ownPath(from: string, specifier: string): string | undefined {
  if (!specifier.startsWith('.')) return undefined
  const path = posix.join(posix.dirname(from), specifier).replace(/\.js$/, '.ts')
  return path.startsWith('../') ? undefined : path
}

function packageOf(specifier: string): string {
  if (specifier.startsWith('node:') || specifier.startsWith('.')) return specifier
  // Ours are known by their whole public name: `postern/database` is another thing than `postern`.
  if (/^(?:postern|@postern\/cli)(?:\/|$)/.test(specifier)) return specifier
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

/** The part that a file belongs to: its folder, or for a file at the root itself. */
export function partOf(path: string): string {
  const slash = path.indexOf('/')
  return slash === -1 ? path.replace(/\.ts$/, '') : path.slice(0, slash + 1)
}

/** Files that load each other, each ring once, written as a path. */
export function cyclesOf(files: readonly SourceFile[]): string[] {
  const byPath = new Map(files.map((file) => [file.path, file]))
  const done = new Set<string>()
  const rings = new Set<string>()
  const visit = (path: string, trail: readonly string[]) => {
    const at = trail.indexOf(path)
    if (at !== -1) return void rings.add([...trail.slice(at), path].join(' → '))
    if (done.has(path)) return
    for (const next of byPath.get(path)?.loads ?? []) visit(next, [...trail, path])
    done.add(path)
  }
  for (const { path } of files) visit(path, [])
  return [...rings]
}
