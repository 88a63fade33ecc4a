import type { InputPart, Value } from '../trace/model.js'
import { origin } from '../trace/origin.js'
import { from, literal } from '../trace/value.js'
import type { LibraryCall } from '../trace/walker.js'
import { goesOn } from './goes-on.js'
import { isOpenUnderJoi, joi } from './joi.js'
import type { Library, Meaning } from './library.js'
import { type Asking, letsOnlyValidThrough, PARTS } from './validation.js'

/** `celebrate({ body: Joi.object({ … }) })` stands before a handler, and what does not fit never comes to it. */
const stands =
  (library: string, isOpen: (schema: Value | undefined, options: Value | undefined) => boolean | undefined): Meaning =>
  (call) => {
    const [schemas, ...options] = call.value.path.at(-2)?.args ?? []
    for (const part of PARTS) {
      const schema = schemas?.kind === 'object' ? schemas.properties.get(part) : undefined
      // Where it could not be followed which parts it is about, it may be any.
      if (schema === undefined && schemas?.kind === 'object' && schemas.others.length === 0) continue
      judge(call, part, { library, schema, isOpen: isOpen(schema, options.at(-1)) })
    }
    return goesOn(call)
  }

function judge(call: LibraryCall, part: InputPart, asking: Omit<Asking, 'value'>): void {
  const read = { from: 'input' as const, part, name: '', source: call.walker.sourceOf(part), validated: false }
  letsOnlyValidThrough(call, { ...asking, value: from(origin(read)) })
}

const SEGMENTS = ['BODY', 'COOKIES', 'HEADERS', 'PARAMS', 'QUERY']

export const celebrate: Library = {
  packages: ['celebrate'],
  calls: { ...joi.calls, 'celebrate().()': stands('celebrate', isOpenUnderJoi), 'errors().()': goesOn },
  members: Object.fromEntries(SEGMENTS.map((name) => [`Segments.${name}`, () => literal(name.toLowerCase())])),
}

/** `validate({ body: Joi.object({ … }) })`, of joi too. */
export const expressValidation: Library = {
  packages: ['express-validation'],
  calls: {
    ...joi.calls,
    'validate().()': stands('express-validation', isOpenUnderJoi),
    'default().()': stands('express-validation', isOpenUnderJoi),
  },
}

/** By the shape of zod's schemas. */
const byShape = () => undefined

const standsFor =
  (part: InputPart): Meaning =>
  (call) => {
    judge(call, part, { library: 'zod', schema: call.value.path.at(-2)?.args?.[0] })
    return goesOn(call)
  }

/** `validateRequest({ body: z.object({ … }) })`. */
export const zodExpress: Library = {
  packages: ['zod-express-middleware', 'zod-express'],
  calls: {
    'validateRequest().()': stands('zod', byShape),
    'processRequest().()': stands('zod', byShape),
    ...Object.fromEntries(
      (['body', 'query', 'params'] as const).flatMap((part) => {
        const name = `Request${part[0]!.toUpperCase()}${part.slice(1)}`
        return [
          [`validate${name}().()`, standsFor(part)],
          [`process${name}().()`, standsFor(part)],
        ]
      }),
    ),
  },
}
