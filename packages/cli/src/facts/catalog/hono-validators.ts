import { callValue } from '../trace/call.js'
import type { Value } from '../trace/model.js'
import { origin } from '../trace/origin.js'
import { from, UNKNOWN } from '../trace/value.js'
import { isOpenArktype } from './arktype.js'
import { partNamed } from './hono.js'
import { isOpenJsonSchema } from './json-schema.js'
import type { Library, Meaning } from './library.js'
import { isOpenValibot } from './valibot.js'
import { letsOnlyValidThrough } from './validation.js'

/** `zValidator('json', schema)` stands before a handler, and answers 400 for it. */
const stands =
  (library: string, isOpen: (schema: Value | undefined) => boolean | undefined): Meaning =>
  (call) => {
    const [where, schema] = call.value.path.at(-2)?.args ?? []
    const [, next] = call.args
    const [part, { walker }] = [partNamed(where), call]
    const read = { from: 'input' as const, part, name: '', source: walker.sourceOf(part), validated: false }
    letsOnlyValidThrough(call, { library, value: from(origin(read)), schema, isOpen: isOpen(schema) })
    return next === undefined ? UNKNOWN : callValue(walker, next, [], call)
  }

/** Where its own shape is what tells, or nothing is. */
const byShape = () => undefined

const standard = (schema: Value | undefined) =>
  schema?.kind !== 'library' ? undefined : BY_PACKAGE[schema.package]?.(schema)

const BY_PACKAGE: Readonly<Record<string, (schema: Value | undefined) => boolean | undefined>> = {
  valibot: isOpenValibot,
  arktype: isOpenArktype,
}

/** Hono's validators, one for each library of schemas. */
export const honoValidators: Library = {
  packages: [
    '@hono/zod-validator',
    '@hono/standard-validator',
    '@hono/valibot-validator',
    '@hono/arktype-validator',
    '@hono/typebox-validator',
  ],
  calls: {
    'zValidator().()': stands('zod', byShape),
    'sValidator().()': stands('standard-schema', standard),
    'vValidator().()': stands('valibot', isOpenValibot),
    'arktypeValidator().()': stands('arktype', isOpenArktype),
    'tbValidator().()': stands('typebox', isOpenJsonSchema),
  },
}
