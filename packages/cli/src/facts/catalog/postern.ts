import { callValue } from '../trace/call.js'
import type { LibraryValue, Spot, Value } from '../trace/model.js'
import { origin } from '../trace/origin.js'
import { settleAt } from '../trace/settle.js'
import { either, from, literal, NULL, object, UNDEFINED, UNKNOWN } from '../trace/value.js'
import type { LibraryCall } from '../trace/walker.js'
import { type Library, type Meaning, propertyOf, textOf } from './library.js'
import { lookUp, passed, readInput } from './meaning.js'
import { enqueues, ownedScope, pavedQuery, publicScope, rowOf, SERVICE_SCOPE } from './postern-scope.js'
import { operate, tableOf } from './postern-operations.js'
import { webhook } from './postern-webhook.js'
import { REQUEST } from './web.js'

/** What stands in the slots is asked before the function is called: who is calling, what was sent, whose row it is. */
const endpoint: Meaning = (call) => {
  const [slots, work] = madeBy(call, 'endpoint')
  const parts = { query: slotInput(call, slots, 'query'), body: slotInput(call, slots, 'body') }
  const params = readParams(call, slots)
  const id = (name: string) =>
    from(origin({ from: 'input', part: 'params', name, source: call.walker.sourceOf('params'), validated: true }))
  return run(call, slots, work, { ...parts, params }, id)
}

/** An action is called with its input, or with the state before and a form. */
const action: Meaning = (call) => {
  const [slots, work] = madeBy(call, 'action')
  const input = slotInput(call, slots, 'input', 'argument')
  const id = (name: string) =>
    from(origin({ from: 'input', part: 'argument', name, source: call.walker.sourceOf('argument'), validated: true }))
  return run(call, slots, work, { input }, id)
}

function madeBy({ value }: LibraryCall, name: string): readonly Value[] {
  return value.path.findLast((step) => step.name === name && step.args !== undefined)?.args ?? []
}

/** The part of a request that a slot has a schema for. Without the slot it is not there. */
function slotInput(
  { walker, spot }: LibraryCall,
  slots: Value | undefined,
  name: 'query' | 'body' | 'input',
  part: 'query' | 'body' | 'argument' = name as 'query' | 'body',
): Value {
  const schema = propertyOf(slots, name)
  if (schema === undefined) return UNDEFINED
  const value = readInput(walker, spot, part)
  if (schema.kind === 'library')
    walker.note(spot, { fact: 'validation', library: schema.package, how: 'tells', value, schema })
  return passed(value)
}

function readParams({ walker, spot }: LibraryCall, slots: Value | undefined): Value {
  return propertyOf(slots, 'params') === undefined ? UNDEFINED : passed(readInput(walker, spot, 'params'))
}

type IdBy = (name: string) => Value

/** Who is calling: everybody where a slot says so, else somebody. */
function principalOf({ walker, spot }: LibraryCall, slots: Value | undefined): { principal: Value; owner: Value } {
  const { who, authenticated } = lookUp({ walker, spot }, 'postern')
  if (propertyOf(slots, 'public') !== undefined)
    return {
      owner: who,
      principal: either([
        { value: who, given: [authenticated] },
        { value: NULL, given: [] },
      ]),
    }
  const isNarrowed = propertyOf(slots, 'auth') !== undefined && authenticated.is === 'authenticated'
  walker.learn(spot, isNarrowed ? [authenticated, { is: 'permitted', by: authenticated.by }] : [authenticated])
  return { principal: who, owner: who }
}

function run(
  call: LibraryCall,
  slots: Value | undefined,
  work: Value | undefined,
  parts: Readonly<Record<string, Value>>,
  id: IdBy,
): Value {
  const { walker, spot } = call
  const { principal, owner } = principalOf(call, slots)
  const scope = propertyOf(slots, 'public') === undefined ? ownedScope(owner) : publicScope(owner)
  const db = databaseOf(call, scope)
  const asked = { ...parts, principal, db, request: REQUEST, signal: UNKNOWN, log: UNKNOWN, requestId: UNKNOWN }
  const resource = resourceOf(call, slots, asked, id)
  const defer = {
    kind: 'native',
    name: 'defer',
    call: (args: readonly Value[], at: { spot: Spot }) =>
      enqueues(() => scope)({ ...call, args, spot: at.spot }) ?? UNKNOWN,
  } as const
  if (work === undefined) return UNKNOWN
  const outer = walker.onAnswer
  walker.onAnswer = undefined
  const result =
    work.kind === 'library'
      ? operate(call, work, { scope, resource, body: parts['body'] ?? parts['input'] })
      : settleAt(
          walker,
          callValue(walker, work, [object({ ...asked, resource, defer })], { spot }),
          placeOf(work, spot),
        )
  walker.onAnswer = outer
  if (walker.state.isReached) walker.note(spot, { fact: 'answer', status: literal(200), body: result })
  return UNKNOWN
}

/** What a function answers is waited for where it ends. */
function placeOf(work: Value, spot: Spot): Spot {
  if (work.kind !== 'function' || work.node.body === null) return spot
  return { file: work.module.file, node: work.node.body }
}

/** The database that the backend was made with: its own is each principal's, another library's client is what it is. */
function databaseOf({ value, walker, spot }: LibraryCall, scope: LibraryValue): Value {
  const options = value.path.find(({ name, args }) => name === 'createBackend' && args !== undefined)?.args?.[0]
  const said = propertyOf(options, 'database')
  if (said?.kind === 'function') return callValue(walker, said, [REQUEST], { spot })
  return said === undefined || isOwn(said) ? scope : said
}

function isOwn(said: Value): boolean {
  return said.kind !== 'library' || /^postern(?:\/|$)/.test(said.package)
}

/** The row that the path names: it has passed its table's rule, or what a function asks. */
function resourceOf(
  call: LibraryCall,
  slots: Value | undefined,
  asked: Readonly<Record<string, Value>>,
  id: IdBy,
): Value {
  const { walker, spot } = call
  const slot = propertyOf(slots, 'owns') ?? propertyOf(slots, 'sees')
  if (slot === undefined) return UNDEFINED
  if (slot.kind === 'function')
    return callValue(walker, slot, [object({ ...asked, id: id('id'), params: asked['params'] ?? UNKNOWN })], { spot })
  const table = propertyOf(slot, 'table') ?? slot
  const query = pavedQuery(walker, spot, ownedScope(asked['principal']!), {
    does: 'find',
    table: tableOf(table),
    id: id(textOf(propertyOf(slot, 'param')) ?? 'id'),
  })
  walker.learn(spot, [{ is: 'found', query }])
  return rowOf(query)
}

/** What is thrown on purpose carries its own words to the client. */
const problem: Meaning = ({ args: [, words], walker, spot }) => {
  if (words !== undefined) walker.note(spot, { fact: 'answer', status: UNKNOWN, body: words })
  return undefined
}

/** Postern: what its runtime does before, behind and around the functions that it is given. */
export const postern: Library = {
  packages: ['postern', 'postern/'],
  calls: {
    '**.action().()': action,
    '**.endpoint().()': endpoint,
    '**.webhook().()': webhook,
    '**.service()': () => SERVICE_SCOPE,
    'problem()': problem,
  },
  settles: () => undefined,
}
