import { askSchema } from '../ask-schema.js'
import type { StandardSchemaV1 } from '@standard-schema/spec'
import { type FormEntries, formEntries } from '../http/form-entries.js'
import { isReservedName } from '../http/reserved-names.js'
import { isListSchema } from './list-schema.js'
import { type FileRules, fileRules, judgeFile } from './file.js'
import { FORM, type FormSlot } from './form-slot.js'
import { readForm } from './read-form.js'

/** What `form()` takes: a schema for each text, `file()` or `files()` for each file. */
export type FormFields = Readonly<Record<string, StandardSchemaV1>>

/** What a function gets of a form. */
export type FormValue<Fields extends FormFields> = {
  -readonly [Name in keyof Fields]: StandardSchemaV1.InferOutput<Fields[Name]>
}

/**
 * A body that a browser's form or `FormData` sends: `multipart/form-data`, and where no field is a file
 * `application/x-www-form-urlencoded` too. Texts arrive as strings (`z.coerce.number()` makes a number of one); a field may
 * come more than once where its schema is a list. Fields that are not declared are left out, files that are not are refused.
 * All that is wrong is told at once. The body may be as large as its files together and `maxBodyBytes` beside them.
 * Throws a `TypeError` for a field that has no schema.
 *
 * Source: RFC 7578; RFC 2046 §5.1.
 *
 * @example
 * const Receipt = form({ title: z.string().min(1), scan: file({ max: '5 MB', types: ['application/pdf', 'image/png'] }) })
 * export const POST = endpoint({ body: Receipt }, async ({ body }) => store(await body.scan.bytes(), body.title))
 */
export function form<Fields extends FormFields>(fields: Fields): StandardSchemaV1<unknown, FormValue<Fields>> {
  const parts = Object.entries(fields).map(([name, schema]) => partOf(name, schema))
  if (parts.length === 0) throw new TypeError('form() needs a field')
  const fileParts = parts.filter((part) => part.rules !== undefined) as FilePart[]
  const fileBytes = fileParts.reduce((sum, { rules }) => sum + rules.maxBytes * (rules.count ?? 1), 0)
  if (fileBytes > MOST_BYTES) {
    throw new TypeError(
      'The files of a form are held in memory, at most 256 MB: let a client send larger ones to a store, by a signed URL',
    )
  }
  const limits = { fileBytes, largest: new Map(fileParts.map(({ name, rules }) => [name, rules.maxBytes])) }
  const slot: FormSlot = {
    hasFiles: fileParts.length > 0,
    fileBytes,
    read: (request, maxBytes) => readForm(request, { ...limits, maxBytes }),
    gather: (pairs, maxBytes) => formEntries(pairs, { ...limits, maxBytes }, 'input'),
  }
  const validate = async (value: unknown) => judge(value as FormEntries, parts)
  return { '~standard': { version: 1, vendor: 'postern', validate: validate as never }, [FORM]: slot } as never
}

const MOST_BYTES = 256_000_000

interface Part {
  readonly name: string
  readonly schema: StandardSchemaV1
  readonly rules: FileRules | undefined
  readonly isList: boolean
}

type FilePart = Part & { readonly rules: FileRules }

function partOf(name: string, schema: StandardSchemaV1): Part {
  if (typeof schema !== 'object' && typeof schema !== 'function') throw noSchema(name)
  if (schema === null || !('~standard' in schema)) throw noSchema(name)
  if (isReservedName(name)) throw new TypeError(`A field of a form can't be called ${name}`)
  const rules = fileRules(schema)
  return { name, schema, rules, isList: rules === undefined ? isListSchema(schema) : rules.count !== null }
}

const noSchema = (name: string) => new TypeError(`form(): ${name} takes a schema, file() or files()`)

type Issue = StandardSchemaV1.Issue
type Judged = StandardSchemaV1.Result<unknown>

async function judge(entries: FormEntries, parts: readonly Part[]): Promise<StandardSchemaV1.Result<object>> {
  const issues: Issue[] = []
  const value: [string, unknown][] = []
  for (const part of parts) {
    const given = entries.get(part.name) ?? []
    const judged = await (part.rules === undefined ? judgeTexts(part, given) : judgeFiles(part as FilePart, given))
    if (judged.issues === undefined) value.push([part.name, judged.value])
    else for (const issue of judged.issues) issues.push({ ...issue, path: [part.name, ...(issue.path ?? [])] })
  }
  const declared = new Set(parts.map(({ name }) => name))
  const isStray = ([name, given]: [string, readonly (string | File)[]]) => !declared.has(name) && given.some(isFile)
  if ([...entries].some(isStray)) issues.push({ message: 'There is a file here that is not asked for' })
  return issues.length > 0 ? { issues } : { value: Object.fromEntries(value) }
}

async function judgeTexts({ schema, isList }: Part, given: readonly (string | File)[]): Promise<Judged> {
  if (given.some(isFile)) return wrong('Send text here, not a file')
  if (isList) return askSchema(schema, [...given])
  return given.length > 1 ? wrong('Send this once') : askSchema(schema, given[0])
}

async function judgeFiles({ rules }: FilePart, sent: readonly (string | File)[]): Promise<Judged> {
  // An input in which nothing was chosen: browsers send an empty file without a name, some clients an empty text.
  const given = sent.filter((one) => (typeof one === 'string' ? one !== '' : one.size > 0 || one.name !== ''))
  const most = rules.count ?? 1
  if (!given.every(isFile)) return wrong('Send a file here, not text')
  if (given.length > most) return wrong(most === 1 ? 'Send one file here' : `Send at most ${most} files here`)
  if (given.length === 0 && !rules.optional) return wrong('Send a file here')
  const judged = await Promise.all(given.map((one) => judgeFile(one, rules)))
  const issues = judged.flatMap((said, index) =>
    typeof said === 'string' ? [{ message: said, path: rules.count === null ? [] : [index] }] : [],
  )
  return issues.length > 0 ? { issues } : { value: rules.count === null ? judged[0] : judged }
}

function isFile(value: string | File): value is File {
  return typeof value !== 'string'
}

function wrong(message: string): StandardSchemaV1.FailureResult {
  return { issues: [{ message }] }
}
