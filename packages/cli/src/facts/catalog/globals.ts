import type { Origin, Value } from '../trace/model.js'
import { equality, not } from '../trace/truth.js'
import { allOf, memberOrigin, origin } from '../trace/origin.js'
import { from, literal, object, originsOf, UNDEFINED, UNKNOWN } from '../trace/value.js'
import type { Library, Meaning } from './library.js'
import { textOf } from './library.js'
import { serves } from './deno.js'
import { log } from './loggers.js'
import { outside } from './meaning.js'
import { oneOfMany } from './methods.js'
import { promises, rejects } from './promises.js'
import { proxies, reflected } from './proxies.js'
import { mapCalls } from './remember.js'
import { answers, answersJson, makesUrl, redirects } from './web.js'

/** What comes of it is made of what went in. */
const made: Meaning = ({ args }) => from(...args.flatMap((arg) => originsOf(arg)))

/** Of what is written out these are known. */
const namesOf: Meaning = (call) => {
  const [value] = call.args
  if (value?.kind !== 'object' || value.others.length > 0 || value.of !== undefined) return made(call)
  return { kind: 'list', items: [...value.properties.keys()].map(literal), isWhole: true }
}

const error: Meaning = ({ args }) => object({ message: args[0] ?? UNKNOWN, name: UNKNOWN, stack: UNKNOWN })

/** What JavaScript itself has, in Node, in Deno and in browsers. */
export const globals: Library = {
  packages: ['global'],
  calls: {
    ...Object.fromEntries(
      ['log', 'error', 'warn', 'info', 'debug', 'trace', 'table'].map((name) => [`console.${name}()`, log]),
    ),
    ...mapCalls,
    'Set().has()': isIn,
    'JSON.parse()': made,
    'JSON.stringify()': ({ args: [value = UNKNOWN] }) => from(...writtenOut(value)),
    'String()': made,
    'Number()': made,
    'Boolean()': ({ args }) => not(not(args[0] ?? UNDEFINED)),
    'BigInt()': made,
    'parseInt()': made,
    'parseFloat()': made,
    'encodeURIComponent()': made,
    'decodeURIComponent()': made,
    'structuredClone()': ({ args }) => args[0] ?? UNKNOWN,
    'Object.fromEntries()': ({ args }) => from(...originsOf(args[0] ?? UNKNOWN)),
    'Object.keys()': namesOf,
    'Object.values()': made,
    // One of them may be left out by its key: what is put together of them again is no longer the whole.
    'Object.entries()': ({ args: [value = UNKNOWN] }) => from(...originsOf(value).map((one) => memberOrigin(one, '*'))),
    'Object.assign()': ({ args }) => ({
      kind: 'object',
      properties: new Map(),
      others: args.filter((arg) => arg.kind !== 'function'),
    }),
    'Array.from()': ({ args }) => (args[0]?.kind === 'list' ? args[0] : made({ args } as never)),
    'Array.isArray()': made,
    'Proxy()': proxies,
    'Reflect.get()': reflected,
    'Promise()': promises,
    'Promise.all()': settled,
    'Promise.allSettled()': settled,
    'Promise.race()': ({ args }) => from(...originsOf(args[0] ?? UNKNOWN)),
    'Promise.reject()': rejects,
    'Promise.resolve()': ({ args }) => args[0] ?? UNDEFINED,
    'Error()': error,
    'TypeError()': error,
    'RangeError()': error,
    'fetch()': outside('fetch'),
    'URL()': makesUrl,
    'Response()': answers,
    'Response.json()': answersJson,
    'Response.redirect()': redirects,
    'Deno.serve()': serves,
    'Deno.env.get()': ({ args }) => environment(textOf(args[0]) ?? '*'),
    'Buffer.from()': ({ args }) => args[0] ?? UNKNOWN,
    'crypto.timingSafeEqual()': ({ args }) => equality(args[0] ?? UNKNOWN, args[1] ?? UNKNOWN),
    'process.exit()': ({ walker }) => {
      walker.leave()
      return UNDEFINED
    },
  },
  members: {
    'process.env.*': (value) => environment(value.path.at(-1)!.name),
    // What a module keeps there between two evaluations is what it would make otherwise.
    'globalThis.*': () => UNDEFINED,
    'global.*': () => UNDEFINED,
    'Bun.env.*': (value) => environment(value.path.at(-1)!.name),
  },
}

/** What stands in a text of JSON: of a list all that was in it, and of a body its JSON, which need not be its bytes. */
function writtenOut(value: Value): readonly Origin[] {
  switch (value.kind) {
    case 'object':
      return [...value.properties.values(), ...value.others].flatMap(writtenOut)
    case 'either':
      return value.cases.flatMap((one) => writtenOut(one.value))
    case 'list':
      return value.items.flatMap(writtenOut).map(allOf)
    default:
      return originsOf(value).map((one) =>
        one.from === 'input' && one.part === 'body' ? memberOrigin(one, '#json') : one,
      )
  }
}

/** `new Set(['admin', 'owner']).has(user.role)`. What is in it may have been put in later, so that nothing is decided. */
function isIn({ value: { path }, args: [item = UNKNOWN] }: Parameters<Meaning>[0]): Value | undefined {
  const held = path[0]?.args?.[0]
  const told = held === undefined ? undefined : oneOfMany(held, item)
  return told?.kind === 'literal' ? undefined : told
}

function settled({ args: [list] }: Parameters<Meaning>[0]): Value {
  return list?.kind === 'list' ? list : from(...originsOf(list ?? UNKNOWN))
}

const variables = new Map<string, object>()

export function environment(name: string): Value {
  const source = variables.get(name) ?? { name }
  variables.set(name, source)
  return from(origin({ from: 'environment', name, source }))
}
