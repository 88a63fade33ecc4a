import type { StandardSchemaV1 } from '@standard-schema/spec'
import { type ByteSize, toBytes } from './byte-size.js'
import { fileName } from './file-name.js'
import { fileType, isText } from './file-type.js'

/** What `file()` takes. */
export interface FileOptions {
  /** The largest file: bytes, or like `'5 MB'`. It is held in memory, at most 256 MB in a form. */
  readonly max: ByteSize
  /**
   * The types that are taken, each in full: `image/png`.
   *
   * **Security:** `image/svg+xml`, `text/html` and anything in XML run scripts where they are shown: list them only where nobody
   * else will open them from your origin. What is listed as `application/octet-stream`, or as a type of which nothing is known, may hold anything.
   */
  readonly types: readonly string[]
  /** Whether there may be none: then `undefined`. Default false. */
  readonly optional?: boolean
}

/** What `files()` takes. */
export interface FilesOptions extends Omit<FileOptions, 'optional'> {
  /** How many there may be at most. None is an empty list. */
  readonly count: number
}

/** A field of a form that holds files. */
export interface FileField<T> extends StandardSchemaV1<unknown, T> {
  readonly [FILE]: FileRules
}

/** What is asked of the files of one field. */
export interface FileRules {
  readonly maxBytes: number
  readonly types: readonly string[]
  /** `null` where one file is meant. */
  readonly count: number | null
  readonly optional: boolean
}

const FILE: unique symbol = Symbol.for('postern.file') as never

/**
 * A field of `form()` that is one file. The function gets a Web `File` whose `type` is what its bytes show, one of `types`, and
 * whose `name` is fit to be shown. A larger one is 413, another type 400; nothing is called then. Throws a `TypeError` for a
 * size or a type that is none.
 *
 * @example
 * export const POST = endpoint({ body: form({ scan: file({ max: '5 MB', types: ['application/pdf'] }) }) }, keepScan)
 */
export function file<const O extends FileOptions>(
  options: O,
): FileField<O extends { readonly optional: true } ? File | undefined : File> {
  return fieldOf({ ...rulesOf(options), count: null, optional: options.optional === true })
}

/**
 * A field of `form()` that is a list of at most `count` files, each as `file()` describes it. Throws a `TypeError` for a size, a
 * type or a number that is none.
 *
 * @example
 * const Album = form({ title: z.string(), photos: files({ max: '2 MB', count: 10, types: ['image/jpeg', 'image/png'] }) })
 */
export function files(options: FilesOptions): FileField<File[]> {
  const { count } = options
  if (!Number.isInteger(count) || count < 1 || count > 100) throw new TypeError('count is a whole number from 1 to 100')
  return fieldOf({ ...rulesOf(options), count, optional: true })
}

/** The rules of a field that `file()` or `files()` made, else `undefined`. */
export function fileRules(field: object): FileRules | undefined {
  return FILE in field ? (field as FileField<unknown>)[FILE] : undefined
}

/** The file as the function may have it, or what is wrong with it, in words that repeat nothing of it. */
export async function judgeFile(given: File, { types }: FileRules): Promise<File | string> {
  if (given.size === 0) return 'This file is empty'
  // A text is judged to its end, anything else by how it begins.
  const looked = types.some(isText) ? given : given.slice(0, 4096)
  const bytes = Buffer.from(await looked.arrayBuffer())
  const declared = given.type.split(';')[0]!.trim().toLowerCase()
  const type = fileType(bytes, declared, types)
  if (type === null) return `Send a file of the type ${types.join(', ')}`
  return new File([given], fileName(given.name), { type })
}

function rulesOf({ max, types }: Pick<FileOptions, 'max' | 'types'>): Pick<FileRules, 'maxBytes' | 'types'> {
  if (types.length === 0) throw new TypeError('file() needs types: list those that are taken')
  const wrong = types.find((type) => !/^[a-z0-9]+\/[a-z0-9][a-z0-9.+-]*$/.test(type))
  if (wrong !== undefined) {
    throw new TypeError(`"${wrong}" is no type of a file: write each in full and in small letters, like image/png`)
  }
  return { maxBytes: toBytes(max), types: [...types] }
}

/** Its schema judges what a form holds under the field's name; the form does that, because it also reads the bytes. */
function fieldOf<T>(rules: FileRules): FileField<T> {
  return { '~standard': { version: 1, vendor: 'postern', validate: judgedByForm }, [FILE]: rules }
}

const judgedByForm = () => ({ issues: [{ message: 'file() and files() are fields of form()' }] })
