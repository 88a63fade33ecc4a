import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ROOT } from './markdown.ts'

/** A name that users import from the package, and what stands above its declaration. */
export interface PublicExport {
  readonly name: string
  /** Relative to the repository. */
  readonly file: string
  readonly isFunction: boolean
  readonly docstring: string | undefined
}

/** Everything that an index file hands on from files of its own; what comes from another package is documented there. */
export function publicExports(index: string): PublicExport[] {
  const text = readFileSync(join(ROOT, index), 'utf8')
  const statements = [...text.matchAll(/^export\s+(?:type\s+)?\{([^}]*)\}\s*from\s*'(\.[^']+)'/gm)]
  return statements.flatMap(([, names = '', from = '']) => {
    const file = join(dirname(index), from).replace(/\.js$/, '.ts')
    const source = readFileSync(join(ROOT, file), 'utf8')
    return names
      .split(',')
      .map((name) => name.trim().replace(/^type\s+/, ''))
      .filter((name) => name !== '')
      .map((name) => declared(name, file, source))
  })
}

/** Where a name is declared may be one file further. */
function declared(name: string, file: string, source: string): PublicExport {
  const from = new RegExp(`^export (?:type )?\\{[^}]*\\b${name}\\b[^}]*\\} from '(\\.[^']+)'`, 'm').exec(source)?.[1]
  if (from === undefined) return describeExport(name, file, source)
  const next = join(dirname(file), from).replace(/\.js$/, '.ts')
  return declared(name, next, readFileSync(join(ROOT, next), 'utf8'))
}

/** As `publicExports`, for one name in one text. */
export function describeExport(name: string, file: string, source: string): PublicExport {
  const declaration = new RegExp(
    `(/\\*\\*(?:(?!\\*/)[\\s\\S])*\\*/)?\\s*^export (?:declare )?(?:async )?(function|const|class|interface|type) ${name}\\b`,
    'm',
  ).exec(source)
  return { name, file, isFunction: declaration?.[2] === 'function', docstring: declaration?.[1] }
}
