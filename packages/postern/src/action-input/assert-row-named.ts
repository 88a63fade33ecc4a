import type { StandardSchemaV1 } from '@standard-schema/spec'
import { fieldKind } from './field-kind.js'

/** What an action says of the row that its input names. */
interface Naming {
  /** The field that names a row of a table, where one is asked for. */
  readonly param: string | null
  /** It says something: whose row it is, or that it is nobody's. */
  readonly isSaid: boolean
}

/**
 * Refuses what the looks of an action's input show: a row that no field of it can name, and an `id` of which nothing is said. An
 * input that a transform calls otherwise is asked too: what came in as an id is one. Throws a `TypeError`.
 */
export function assertRowNamed(schema: StandardSchemaV1 | undefined, { param, isSaid }: Naming): void {
  if (schema === undefined) {
    if (param !== null)
      throw new TypeError('owns and sees of a table need input: a schema with the field that names the row')
    return
  }
  const { fields, isTransformed } = fieldKind(schema)
  if (fields === undefined) return
  if (!isSaid && Object.hasOwn(fields, 'id')) {
    throw new TypeError('The input has an id: say one of owns, sees, unowned')
  }
  if (param === null || isTransformed || Object.hasOwn(fields, param)) return
  const known = Object.keys(fields)
  const fitting = known.length === 0 ? 'none' : known.join(', ')
  throw new TypeError(
    `The input has no field ${param} that names the row; it has ${fitting}: say { table, param } with the one that does`,
  )
}
