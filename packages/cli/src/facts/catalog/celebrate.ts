import { origin } from '../trace/origin.js'
import { from, literal } from '../trace/value.js'
import { goesOn } from './express.js'
import { isOpenUnderJoi, joi } from './joi.js'
import type { Library, Meaning } from './library.js'
import { PARTS, letsOnlyValidThrough } from './validation.js'

/** `celebrate({ body: Joi.object({ … }) })` stands before a handler, and what does not fit never comes to it. */
const stands: Meaning = (call) => {
  const [schemas, options] = call.value.path.at(-2)?.args ?? []
  for (const part of PARTS) {
    const schema = schemas?.kind === 'object' ? schemas.properties.get(part) : undefined
    // Where it could not be followed which parts it is about, it may be any.
    if (schema === undefined && schemas?.kind === 'object' && schemas.others.length === 0) continue
    const read = { from: 'input' as const, part, name: '', source: call.walker.sourceOf(part), validated: false }
    const value = from(origin(read))
    letsOnlyValidThrough(call, { library: 'celebrate', value, schema, isOpen: isOpenUnderJoi(schema, options) })
  }
  return goesOn(call)
}

const SEGMENTS = ['BODY', 'COOKIES', 'HEADERS', 'PARAMS', 'QUERY']

export const celebrate: Library = {
  packages: ['celebrate'],
  calls: { ...joi.calls, 'celebrate().()': stands, 'errors().()': goesOn },
  members: Object.fromEntries(SEGMENTS.map((name) => [`Segments.${name}`, () => literal(name.toLowerCase())])),
}
