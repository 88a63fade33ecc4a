import type { InputPart, LibraryValue, Value } from '../trace/model.js'
import { memberOrigin, origin } from '../trace/origin.js'
import { from, literal, object, UNDEFINED, UNKNOWN } from '../trace/value.js'
import type { LibraryCall, Walker } from '../trace/walker.js'
import { goesOn } from './goes-on.js'
import { type Library, type Meaning, propertyOf, textOf } from './library.js'
import { passed } from './meaning.js'
import { type Asking, isValid, PARTS, problemsUnlessValid, throwsUnlessValid } from './validation.js'

/** What chains have looked at so far, kept for the request: `body.email`; `exactly` where nothing else may have been sent. */
const LOOKED = 'express-validator'

const LOOKS: Readonly<Record<string, readonly InputPart[]>> = {
  body: ['body'],
  query: ['query'],
  param: ['params'],
  header: ['headers'],
  cookie: ['cookies'],
  check: PARTS,
  checkSchema: PARTS,
}

/** A chain only keeps what is wrong, until somebody asks for it. */
function look(walker: Walker, { path }: LibraryValue): void {
  const start = path.find(({ name, args }) => args !== undefined && name in LOOKS)
  const isExact = path.some(({ name }) => name === 'checkExact')
  const names = start === undefined ? [] : namesIn(start.name, start.args?.[0])
  const known = lookedAt(walker)
  walker.kept.set(LOOKED, object(Object.fromEntries([...known, ...names, ...(isExact ? ['exactly'] : [])].map(entry))))
}

const entry = (name: string) => [name, literal(true)] as const

function namesIn(start: string, fields: Value | undefined): string[] {
  if (start === 'checkSchema' && fields?.kind === 'object')
    return [...fields.properties].flatMap(([name, said]) => {
      const places = propertyOf(said, 'in')
      const parts = places?.kind === 'list' ? places.items.map(textOf) : places === undefined ? PARTS : [textOf(places)]
      return parts.map((part) => `${part ?? 'body'}.${name}`)
    })
  const names = fields?.kind === 'list' ? fields.items.map(textOf) : [textOf(fields)]
  return LOOKS[start]!.flatMap((part) => names.map((name) => `${part}.${name ?? '*'}`))
}

function lookedAt(walker: Walker): readonly string[] {
  const kept = walker.kept.get(LOOKED)
  return kept?.kind === 'object' ? [...kept.properties.keys()] : []
}

const chain: Meaning = (call) => {
  look(call.walker, call.value)
  return goesOn(call)
}

const partOf = (walker: Walker, part: InputPart) =>
  origin({ from: 'input' as const, part, name: '', source: walker.sourceOf(part), validated: false })

/** Where no chain could be followed, it may have been any part. */
function asking({ walker }: LibraryCall): Asking {
  const looked = lookedAt(walker)
  const parts = PARTS.filter((part) => looked.length === 0 || looked.some((name) => name.startsWith(`${part}.`)))
  const value = from(...parts.map((part) => partOf(walker, part)))
  return { library: 'express-validator', value, schema: undefined, isOpen: !looked.includes('exactly') }
}

/** The fields that chains have looked at, and none that is wrong. */
const matched: Meaning = ({ walker }) => {
  const named = lookedAt(walker).flatMap((name): [string, Value][] => {
    const [part = '', ...rest] = name.split('.')
    const field = rest.join('.')
    const isPart = (PARTS as readonly string[]).includes(part) && !field.includes('*')
    return isPart ? [[field.split('.')[0]!, passed(from(memberOrigin(partOf(walker, part as InputPart), field)))]] : []
  })
  // Each is there under its own name, whatever else was sent.
  return named.length > 0 ? object(Object.fromEntries(named)) : UNKNOWN
}

const runs: Meaning = ({ walker, value }) => {
  look(walker, value)
  return UNDEFINED
}

export const expressValidator: Library = {
  packages: ['express-validator', 'express-validator/check', 'express-validator/filter'],
  calls: {
    '**.()': (call) => (isResult(call.value) ? undefined : chain(call)),
    '**.run()': runs,
    'matchedData()': matched,
    '**.isEmpty()': (call) => (isResult(call.value) ? isValid(call, asking(call)) : undefined),
    '**.array()': (call) => (isResult(call.value) ? problemsUnlessValid(call, asking(call)) : undefined),
    '**.throw()': (call) => {
      throwsUnlessValid(call, asking(call))
      return UNDEFINED
    },
  },
}

function isResult({ path }: LibraryValue): boolean {
  return path[0]?.name === 'validationResult'
}
