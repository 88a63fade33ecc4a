import type { Key, Query, QueryKind, Step, Value } from '../trace/model.js'
import { origin } from '../trace/origin.js'
import { either, from, NULL, object, originsOf, UNKNOWN } from '../trace/value.js'
import { type Library, type Meaning, textOf } from './library.js'
import { lookUp, outside } from './meaning.js'

const library = 'supabase'

const DOES: Readonly<Record<string, QueryKind>> = {
  select: 'list',
  insert: 'create',
  upsert: 'upsert',
  update: 'update',
  delete: 'delete',
}

/** `supabase.from('posts').update(…).eq('id', id).select().single()`, when it is waited for. */
const settles: Meaning = ({ value, walker, spot }) => {
  const at = value.path.findIndex(({ name, args }) => (name === 'from' || name === 'rpc') && args !== undefined)
  if (at === -1) return undefined
  const [start, ...steps] = value.path.slice(at) as [Step, ...Step[]]
  const client = clientOf(value.path.slice(0, at))
  if (start.name === 'rpc') {
    const noted = walker.note(spot, {
      fact: 'query',
      library: client,
      does: 'call',
      table: textOf(start.args?.[0]) ?? null,
      keys: keysOfObject(start.args?.[1]),
      isOpaque: false,
      data: null,
      limit: null,
    })
    return object({ data: from(origin({ from: 'row', name: '', source: noted })), error: UNKNOWN })
  }
  const verb =
    steps.find(({ name }) => name in DOES && name !== 'select') ?? steps.find(({ name }) => name === 'select')
  if (verb === undefined) return undefined
  const isOne = steps.some(({ name }) => name === 'single' || name === 'maybeSingle')
  const does = verb.name === 'select' && isOne ? 'find' : DOES[verb.name]!
  const limit =
    steps.find(({ name }) => name === 'limit' || name === 'range')?.args?.at(-1) ?? (hasHead(verb) ? UNKNOWN : null)
  const noted = walker.note(spot, {
    fact: 'query',
    library: client,
    does,
    table: textOf(start.args?.[0]) ?? null,
    keys: steps.flatMap(keysOfStep),
    isOpaque: steps.some(({ name }) => name === 'or' || name === 'filter' || name === 'not'),
    data: verb.name === 'select' ? null : (verb.args?.[0] ?? null),
    limit,
    ...columnsOf(verb),
  })
  const row = from(origin({ from: 'row', name: '', source: noted }))
  const error = object({ message: from(origin({ from: 'error', name: 'message', source: noted })) })
  return either([
    { value: object({ data: row, error: NULL, count: UNKNOWN }), given: [{ is: 'found', query: noted }] },
    { value: object({ data: NULL, error, count: NULL }), given: [{ is: 'absent', query: noted }] },
  ])
}

/** `select('id, title')`; without words it is all. */
function columnsOf({ name, args = [] }: Step): Pick<Query, 'columns'> {
  const said = args.length === 0 ? '*' : textOf(args[0])
  if (name !== 'select' || said === undefined) return {}
  return { columns: /(?:^|,)\s*\*/.test(said) ? 'all' : said.split(',').map((one) => one.trim()) }
}

function hasHead({ args }: Step): boolean {
  return args?.[1]?.kind === 'object' && args[1].properties.has('head')
}

function keysOfStep({ name, args = [] }: Step): Key[] {
  const column = textOf(args[0])
  if (['eq', 'in', 'is', 'contains', 'filter'].includes(name) && column !== undefined)
    return [{ column, value: args.at(-1)! }]
  return name === 'match' ? keysOfObject(args[0]) : []
}

function keysOfObject(value: Value | undefined): Key[] {
  return value?.kind === 'object' ? [...value.properties].map(([column, inner]) => ({ column, value: inner })) : []
}

/** With the key of the service role no policy is asked; with any other every one is. */
function clientOf(path: readonly Step[]): string {
  const isService = path.some(
    ({ name, args = [] }) =>
      /service|admin/i.test(name) ||
      args.some((arg) =>
        originsOf(arg).some((one) => one.from === 'environment' && /service|secret|admin/i.test(one.name)),
      ),
  )
  return isService ? 'supabase-service' : library
}

const user: Meaning = (call) => {
  const { who, authenticated } = lookUp(call, library)
  return either([
    {
      value: object({ data: object({ user: who, session: object({ user: who }), claims: who }), error: NULL }),
      given: [authenticated],
    },
    { value: object({ data: object({ user: NULL, session: NULL, claims: NULL }), error: UNKNOWN }), given: [] },
  ])
}

const ACCOUNT = [
  'signInWithPassword',
  'signInWithOAuth',
  'signInWithOtp',
  'signUp',
  'signOut',
  'updateUser',
  'resetPasswordForEmail',
  'exchangeCodeForSession',
  'verifyOtp',
  'resend',
  'signInAnonymously',
  'setSession',
  'refreshSession',
]

const own: Meaning = (call) => {
  outside('supabase-auth')(call)
  // What it says is meant for the user.
  return object({ data: UNKNOWN, error: UNKNOWN })
}

/** supabase-js and its helpers for servers. Row-level security guards what its `anon` client does. */
export const supabase: Library = {
  packages: ['@supabase/supabase-js', '@supabase/ssr', '@supabase/auth-helpers-nextjs', '@supabase/'],
  calls: {
    '**.auth.getUser()': user,
    '**.auth.getSession()': user,
    '**.auth.getClaims()': user,
    ...Object.fromEntries(ACCOUNT.map((name) => [`**.auth.${name}()`, own])),
    '**.storage.from().upload()': outside(library),
    '**.storage.from().remove()': outside(library),
    '**.functions.invoke()': outside(library),
  },
  settles,
}
