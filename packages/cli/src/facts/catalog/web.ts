import type { LibraryValue, Value } from '../trace/model.js'
import { memberOrigin, origin } from '../trace/origin.js'
import { from, literal, object, originsOf, UNDEFINED, UNKNOWN } from '../trace/value.js'
import { type Library, type Meaning, propertyOf, textOf } from './library.js'
import { readInput } from './meaning.js'

/** A request of the web platform, as handlers are given one. */
export const REQUEST: LibraryValue = {
  kind: 'library',
  package: 'web',
  path: [{ name: 'Request', args: [] }],
  origins: [],
}

/** A request of which is known where it goes: in front of many routes, what a middleware asks of the path is decided by it. */
export function requestTo(path: string, method: string | null): LibraryValue {
  return { ...REQUEST, path: [{ name: 'Request', args: [literal(path), method === null ? UNKNOWN : literal(method)] }] }
}

/** Where everything is that a request is made to, for a path to be told from anything else. */
const ORIGIN = 'http://localhost'

/** The path of a request, or of its address, where it is known. */
const pathOf = (value: LibraryValue): Value =>
  value.path[0]?.args?.[0]?.kind === 'literal' ? value.path[0].args[0] : value

const reads =
  (part: Parameters<typeof readInput>[2]): Meaning =>
  ({ walker, spot }) =>
    readInput(walker, spot, part)

const readsOne =
  (part: Parameters<typeof readInput>[2]): Meaning =>
  ({ walker, spot, args }) =>
    readInput(walker, spot, part, textOf(args[0]) ?? '*')

/** `new Response(body, { status })`. */
export const answers: Meaning = ({ walker, spot, args }) => {
  const status = propertyOf(args[1], 'status') ?? literal(200)
  walker.note(spot, { fact: 'answer', status, body: args[0] ?? UNDEFINED })
  return object({ status, ok: UNKNOWN })
}

/** `Response.json(value, { status })`. */
export const answersJson: Meaning = answers

export const redirects: Meaning = ({ walker, spot }) => {
  walker.note(spot, { fact: 'answer', status: literal(302), body: UNDEFINED })
  return object({ status: literal(302) })
}

/** Request, URL and FormData. */
export const web: Library = {
  packages: ['web'],
  calls: {
    'Request().json()': reads('body'),
    'Request().text()': reads('body'),
    'Request().formData()': reads('body'),
    'Request().arrayBuffer()': reads('body'),
    'Request().blob()': reads('body'),
    'Request().bytes()': reads('body'),
    'Request().clone()': () => REQUEST,
    'Request().headers.get()': readsOne('headers'),
    'Request().headers.entries()': reads('headers'),
    'Request().cookies.get()': readsOne('cookies'),
    'Request().cookies.getAll()': reads('cookies'),
    'Request().nextUrl.searchParams.get()': readsOne('query'),
    'Request().nextUrl.searchParams.getAll()': readsOne('query'),
    'Request().nextUrl.searchParams.entries()': reads('query'),
    'URL().searchParams.get()': readsOne('query'),
    'URL().searchParams.getAll()': readsOne('query'),
    'URL().searchParams.entries()': reads('query'),
  },
  members: {
    'Request().nextUrl.pathname': pathOf,
    'URL().pathname': pathOf,
    'Request().method': (value) => {
      const method = value.path[0]?.args?.[1]
      return method?.kind === 'literal' ? method : value
    },
    'Request().url': (value, walker) => {
      const path = textOf(pathOf(value))
      if (path !== undefined) return literal(`${ORIGIN}${path}`)
      return from(origin({ from: 'input', part: 'url', name: '', source: walker.sourceOf('url'), validated: false }))
    },
    'Request().body': (_, walker) =>
      from(origin({ from: 'input', part: 'body', name: '', source: walker.sourceOf('body'), validated: false })),
  },
}

/** `new URL(request.url)` is the request's address; of anything else it is made of what went in. */
export const makesUrl: Meaning = ({ args }): Value => {
  const [address] = args
  const text = textOf(address)
  if (text?.startsWith(`${ORIGIN}/`) === true)
    return {
      kind: 'library',
      package: 'web',
      path: [{ name: 'URL', args: [literal(text.slice(ORIGIN.length))] }],
      origins: [],
    }
  const isRequests = originsOf(address ?? UNKNOWN).some((one) => one.from === 'input' && one.part === 'url')
  if (isRequests) return { kind: 'library', package: 'web', path: [{ name: 'URL', args: [] }], origins: [] }
  return from(...args.flatMap((arg) => originsOf(arg)))
}

/** A named value out of something that holds what the client sent: `formData.get('title')`, `params.get('q')`. */
export function named(value: Value, name: string): Value {
  return from(...originsOf(value).map((one) => memberOrigin(one, name)))
}
