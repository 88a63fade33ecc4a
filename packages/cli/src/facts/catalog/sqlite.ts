import type { Step, Value } from '../trace/model.js'
import { followCallback } from '../trace/call.js'
import { NULL, object, UNDEFINED, UNKNOWN } from '../trace/value.js'
import type { LibraryCall } from '../trace/walker.js'
import type { Library, Meaning } from './library.js'
import { listOf, rowOf, rowOrNothing } from './rows.js'
import { asksSql, query } from './sql-client.js'

/** `db.prepare('… where id = ?').get(id)`: what is bound is given when it runs, or by `bind` before. */
const runs: Meaning = (call) => {
  const asked = asksPrepared(call)
  if (asked === undefined) return undefined
  if (call.step.name === 'get') return rowOrNothing(asked, UNDEFINED)
  return call.step.name === 'run' ? rowOf(asked) : listOf(asked)
}

/** D1's answer holds what was found beside how it went. */
const runsD1: Meaning = (call) => {
  const asked = asksPrepared(call)
  if (asked === undefined) return undefined
  if (call.step.name === 'first') return rowOrNothing(asked, NULL)
  return call.step.name === 'raw' ? listOf(asked) : object({ results: listOf(asked), success: UNKNOWN, meta: UNKNOWN })
}

function asksPrepared(call: LibraryCall) {
  const { path } = call.value
  const at = path.findIndex(isPrepared)
  if (at === -1) return undefined
  const before = path.slice(at + 1, -1).find(({ name, args }) => name === 'bind' && args !== undefined)
  const said = path[at]!.args?.[0] ?? UNKNOWN
  return asksSql(call, said, valuesOf(before?.args ?? call.args), said)
}

const isPrepared = ({ name, args }: Step) => (name === 'prepare' || name === 'query') && args !== undefined

/** One after the other, in a list, or by their names. */
function valuesOf(args: readonly Value[]): Value {
  const [only] = args
  if (args.length === 1 && (only!.kind === 'list' || only!.kind === 'object')) return only!
  return { kind: 'list', items: args, isWhole: true }
}

/** Only what is executed at once. */
const executes: Meaning = (call) => {
  const [said = UNKNOWN, ...bound] = call.args
  return rowOf(asksSql(call, said, valuesOf(bound), said))
}

/** What comes of it is called like the function that it was given. */
const wraps: Meaning = ({ args: [work] }) => work

export const sqlite: Library = {
  packages: ['better-sqlite3', 'node:sqlite', 'sqlite', 'bun:sqlite', 'libsql', 'better-sqlite3-multiple-ciphers'],
  calls: {
    ...Object.fromEntries(['get', 'all', 'run', 'iterate', 'values'].map((name) => [`**.${name}()`, runsOrExecutes])),
    '**.exec()': executes,
    '**.transaction()': wraps,
  },
}

/** `sqlite` and `bun:sqlite` take a statement at once, too: `db.get('… where id = ?', id)`. */
function runsOrExecutes(call: LibraryCall): Value | undefined {
  const prepared = runs(call)
  if (prepared !== undefined) return prepared
  const [said = UNKNOWN, ...bound] = call.args
  const asked = asksSql(call, said, valuesOf(bound), said)
  if (call.step.name === 'get') return rowOrNothing(asked, UNDEFINED)
  return call.step.name === 'run' ? rowOf(asked) : listOf(asked)
}

/** `db.get(text, values, (error, row) => …)`. */
const answersLater: Meaning = (call) => {
  const callback = call.args.findLast(({ kind }) => kind === 'function')
  const [said = UNKNOWN, ...bound] = call.args.filter((arg) => arg !== callback)
  const asked = asksSql(call, said, valuesOf(bound), said)
  const row = call.step.name === 'get' ? rowOrNothing(asked, UNDEFINED) : listOf(asked)
  if (callback !== undefined) followCallback(call.walker, callback, [UNKNOWN, row], call.spot)
  return undefined
}

export const sqlite3: Library = {
  packages: ['sqlite3'],
  calls: Object.fromEntries(['get', 'all', 'run', 'each', 'exec'].map((name) => [`**.${name}()`, answersLater])),
}

/** `env.DB.prepare('…').bind(id).first()`. */
export const d1Calls: NonNullable<Library['calls']> = Object.fromEntries(
  ['first', 'all', 'run', 'raw'].flatMap((name) => [
    [`**.prepare().${name}()`, runsD1],
    [`**.prepare().bind().${name}()`, runsD1],
  ]),
)

/** What hands over a worker's bindings elsewhere than in its own handler. */
export const cloudflare: Library = {
  packages: ['@opennextjs/cloudflare', '@cloudflare/next-on-pages', 'cloudflare:workers'],
  calls: { ...d1Calls, '**.env.*.exec()': query },
}
