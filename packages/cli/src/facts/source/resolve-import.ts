import { posix } from 'node:path'
import { packageNameOf } from './package-name.js'
import { type JsonObject, readJson } from './read-json.js'

/** Where an import leads: a file of the tree, a package that is not in it, or nowhere. */
export type Target =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'package'; readonly name: string }
  | { readonly kind: 'missing' }

interface Alias {
  /** The directory whose files it holds for; `''` is the root. */
  readonly scope: string
  readonly prefix: string
  readonly suffix: string
  readonly targets: readonly string[]
}

/**
 * Finds the files that imports mean: by relative paths, by the `paths` and `baseUrl` of the nearest tsconfig, by the names of
 * the workspace's packages. It reads what the tree holds, so that it works before anybody has installed anything.
 */
export class ImportResolver {
  readonly #files: ReadonlySet<string>
  readonly #aliases: readonly Alias[]
  readonly #packages: ReadonlyMap<string, Package>
  /** By the directory of whoever imports, and what is written there. */
  readonly #known = new Map<string, Map<string, Target>>()

  constructor(files: readonly string[], read: (path: string) => string | undefined) {
    this.#files = new Set(files)
    // The nearest configuration speaks first, and of one the most exact pattern.
    this.#aliases = files
      .filter(isConfig)
      .flatMap((path) => aliasesOf(path, read))
      .sort((a, b) => b.scope.length - a.scope.length || b.prefix.length - a.prefix.length)
    this.#packages = packagesOf(files, read)
  }

  resolve(specifier: string, from: string): Target {
    const directory = from.slice(0, Math.max(0, from.lastIndexOf('/')))
    let known = this.#known.get(directory)
    if (known === undefined) this.#known.set(directory, (known = new Map()))
    let target = known.get(specifier)
    if (target === undefined) known.set(specifier, (target = this.#find(specifier, directory)))
    return target
  }

  #find(specifier: string, directory: string): Target {
    if (specifier.startsWith('.')) return this.#fileOr(posix.join(directory, specifier)) ?? { kind: 'missing' }
    for (const alias of this.#aliases) {
      if (!isWithin(directory, alias.scope) || !matches(alias, specifier)) continue
      const rest = specifier.slice(alias.prefix.length, specifier.length - alias.suffix.length)
      for (const target of alias.targets) {
        const found = this.#fileOr(target.replace('*', rest))
        if (found !== undefined) return found
      }
    }
    const name = packageName(specifier)
    const own = this.#packages.get(name)
    if (own !== undefined)
      return this.#inPackage(own, specifier.slice(name.length + 1)) ?? { kind: 'package', name: specifier }
    if (/^[@~#]\//.test(specifier))
      return this.#fileOr(specifier.slice(2)) ?? this.#fileOr(`src/${specifier.slice(2)}`) ?? { kind: 'missing' }
    return { kind: 'package', name: packageNameOf(specifier) }
  }

  #inPackage({ directory, json }: Package, inside: string): Target | undefined {
    const candidates = [...exported(json, inside)]
    if (inside === '')
      candidates.push(...[json['module'], json['main'], json['types']].filter(isString), 'src/index', 'index')
    else candidates.push(inside, `src/${inside}`)
    for (const candidate of candidates) {
      const found =
        this.#fileOr(posix.join(directory, candidate)) ?? this.#fileOr(posix.join(directory, toSource(candidate)))
      if (found !== undefined) return found
    }
    return undefined
  }

  /** As a bundler would: the file, with an extension, or the index of a directory. `./a.js` may be written for `./a.ts`. */
  #fileOr(path: string): Target | undefined {
    const bare = path.replace(/\.[cm]?jsx?$/, '')
    for (const base of bare === path ? [path] : [path, bare]) {
      if (this.#files.has(base) && /\.[cm]?[jt]sx?$/.test(base)) return { kind: 'file', path: base }
      for (const ending of ENDINGS) if (this.#files.has(base + ending)) return { kind: 'file', path: base + ending }
    }
    return undefined
  }
}

const EXTENSIONS = ['.ts', '.tsx', '.mts', '.cts', '.js', '.jsx', '.mjs', '.cjs']
const ENDINGS = [...EXTENSIONS, ...EXTENSIONS.map((extension) => `/index${extension}`)]

interface Package {
  readonly directory: string
  readonly json: JsonObject
}

function packagesOf(files: readonly string[], read: (path: string) => string | undefined): Map<string, Package> {
  const found = new Map<string, Package>()
  for (const path of files) {
    if (posix.basename(path) !== 'package.json') continue
    const json = readJson(read(path))
    const name = json?.['name']
    if (json !== undefined && typeof name === 'string' && !found.has(name))
      found.set(name, { directory: dirname(path), json })
  }
  return found
}

/** What `exports` says of a path in a package, whatever its conditions are called. */
function* exported(json: JsonObject, inside: string): Generator<string> {
  const { exports } = json
  if (typeof exports === 'string' && inside === '') yield exports
  if (typeof exports !== 'object' || exports === null) return
  const key = inside === '' ? '.' : `./${inside}`
  for (const [pattern, target] of Object.entries(exports)) {
    const [before = '', after] = pattern.split('*')
    if (after === undefined ? pattern !== key : !(key.startsWith(before) && key.endsWith(after))) continue
    const rest = after === undefined ? '' : key.slice(before.length, key.length - after.length)
    for (const path of stringsIn(target)) yield path.replace('*', rest)
  }
}

/** Deeper than this nobody nests conditions. */
const MOST_CONDITIONS = 12

function* stringsIn(value: unknown, depth = MOST_CONDITIONS): Generator<string> {
  if (typeof value === 'string') yield value
  else if (typeof value === 'object' && value !== null && depth > 0)
    for (const inner of Object.values(value)) yield* stringsIn(inner, depth - 1)
}

/** Packages of a workspace name what they build; what is read is what it is built from. */
function toSource(path: string): string {
  return path.replace(/^(\.\/)?(dist|build|lib)\//, 'src/').replace(/\.d\.[cm]?ts$/, '.ts')
}

function aliasesOf(path: string, read: (path: string) => string | undefined): Alias[] {
  const scope = dirname(path)
  const seen = new Set<string>()
  let at: string | undefined = path
  while (at !== undefined && !seen.has(at)) {
    seen.add(at)
    const json = readJson(read(at))
    const options = json?.['compilerOptions'] as JsonObject | undefined
    const here = dirname(at)
    const baseUrl = typeof options?.['baseUrl'] === 'string' ? posix.join(here, options['baseUrl']) : undefined
    const paths = options?.['paths']
    const base = baseUrl ?? here
    if (typeof paths === 'object' && paths !== null) {
      const listed = Object.entries(paths).map(([pattern, targets]) => {
        const [prefix = '', suffix = ''] = pattern.split('*')
        const all = Array.isArray(targets) ? targets.filter(isString) : []
        return {
          scope,
          prefix,
          suffix: pattern.includes('*') ? suffix : '\0',
          targets: all.map((one) => posix.join(base, one)),
        }
      })
      const anywhere =
        baseUrl === undefined ? [] : [{ scope, prefix: '', suffix: '', targets: [posix.join(baseUrl, '*')] }]
      return [...listed, ...anywhere]
    }
    if (baseUrl !== undefined) return [{ scope, prefix: '', suffix: '', targets: [posix.join(baseUrl, '*')] }]
    const extended: unknown = json?.['extends']
    at = typeof extended === 'string' && extended.startsWith('.') ? withJson(posix.join(here, extended)) : undefined
  }
  return []
}

function matches({ prefix, suffix }: Alias, specifier: string): boolean {
  if (suffix === '\0') return specifier === prefix
  return specifier.startsWith(prefix) && specifier.endsWith(suffix) && specifier.length >= prefix.length + suffix.length
}

const isConfig = (path: string) => /(^|\/)[jt]sconfig[^/]*\.json$/.test(path)
const isString = (value: unknown): value is string => typeof value === 'string'
const withJson = (path: string) => (path.endsWith('.json') ? path : `${path}.json`)
const dirname = (path: string) => (path.includes('/') ? posix.dirname(path) : '')
const isWithin = (directory: string, scope: string) =>
  scope === '' || directory === scope || directory.startsWith(`${scope}/`)

function packageName(specifier: string): string {
  const parts = specifier.split('/')
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : parts[0]!
}
