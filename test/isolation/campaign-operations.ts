import type { Scope } from '../../packages/postern/src/database/scope-types.js'
import type { Intent, Model, Outcome } from './campaign-model.js'
import type { Seat, Seats } from './campaign-seats.js'
import { customers } from './every-rule.js'
import type { Rules } from './world.js'

/** One request of a campaign: as whom, with what chance, and what it saw and meant to do. */
export interface Turn {
  readonly me: string
  readonly other: string
  readonly random: () => number
  readonly model: Model
  /** Rows of one's own, rows of one's organizations, and rows of others. */
  readonly seen: { own: number; shared: number; readonly foreign: string[] }
  readonly intents: Intent[]
  readonly seats: Seats
  /** The organization that the request names as the one it works in. */
  readonly named: string | undefined
  /** The seats that this request has taken so far. */
  readonly changed: Map<string, Seat>
  /** What to tell the model when the outcome is known. */
  readonly settle: ((outcome: Outcome) => void)[]
}

export type Operation = (db: Scope<Rules>, turn: Turn) => Promise<unknown>
type Operations = Readonly<Record<string, Operation>>

export const reads: Operations = {
  async find(db, turn) {
    look(turn, [await db.customers.findOptional(someId(turn))])
  },
  async page(db, turn) {
    const { data, next } = await db.customers.page({ limit: 5 })
    look(turn, data)
    if (next !== null) look(turn, (await db.customers.page({ limit: 5, after: next })).data)
  },
  async 'list, twice at once'(db, turn) {
    const [all, some] = await Promise.all([db.query.customers.findMany(), db.select().from(customers).limit(3)])
    look(turn, [...all, ...some])
  },
  async 'read as the service, then as oneself'(db, turn) {
    await db.asService('the campaign mixes them').customers.page({ limit: 3 })
    look(turn, (await db.customers.page({ limit: 3 })).data)
  },
  async 'two reads of one moment'(db, turn) {
    await db.transaction(async (inner) => {
      look(turn, (await inner.customers.page({ limit: 3 })).data)
      look(turn, await inner.query.customers.findMany({ limit: 3 }))
    })
  },
}

export const writes: Operations = {
  async create(db, turn) {
    await create(db, turn)
  },
  async update(db, turn) {
    const intent = intend(turn, { kind: 'rename', id: someId(turn), name: nameFor(turn.me, turn) })
    look(turn, [await orNotFound(db.customers.update(intent.id, { name: intent.name }), turn)])
  },
  async remove(db, turn) {
    if (turn.model.countOf(turn.me) < 4) return
    const { id } = intend(turn, { kind: 'remove', id: someId(turn) })
    await orNotFound(db.customers.remove(id), turn)
  },
  async 'update without where'(db, turn) {
    look(
      turn,
      await db
        .update(customers)
        .set({ vip: turn.random() < 0.5 })
        .returning(),
    )
  },
  async 'create in a transaction'(db, turn) {
    await db.transaction(async (inner) => {
      const row = await create(inner, turn)
      look(turn, [await inner.customers.find(row.id)])
    })
  },
  async 'undo a part'(db, turn) {
    const undone = db.transaction(async (inner) => {
      await inner.customers.create({ name: nameFor(turn.me, turn) })
      throw new Error('undo this part')
    })
    await undone.catch(() => {})
    look(turn, (await db.customers.page({ limit: 3 })).data)
  },
  async 'write for another as the service, then go on as oneself'(db, turn) {
    const intent = intend(turn, { kind: 'create', owner: turn.other, name: nameFor(turn.other, turn) })
    const service = db.asService('the campaign mixes them')
    intent.id = (await service.customers.create({ ownerId: turn.other, name: intent.name })).id
    look(turn, (await db.customers.page({ limit: 3 })).data)
  },
}

/** Requests of which nothing may stay. */
export const failures: Operations = {
  async 'throw half-way'(db, turn) {
    await db.customers.create({ name: nameFor(turn.me, turn) })
    throw new Error('half-way')
  },
  async 'give away'(db, turn) {
    await db.update(customers).set({ ownerId: turn.other })
    throw new Error('This had no row to give away')
  },
  async 'insert as another'(db, turn) {
    await db.insert(customers).values({ ownerId: turn.other, name: nameFor(turn.other, turn) })
  },
}

/** Only where a statement can be interrupted: inside WebAssembly nothing hears the clock. */
export const slow: Operations = {
  async 'run into the statement timeout'(db, turn) {
    await db.customers.create({ name: nameFor(turn.me, turn) })
    await db.execute('select pg_sleep(5)')
  },
}

async function create(db: Scope<Rules>, turn: Turn) {
  const intent = intend(turn, { kind: 'create', owner: turn.me, name: nameFor(turn.me, turn) })
  const row = await db.customers.create({ name: intent.name })
  look(turn, [row])
  intent.id = row.id
  return row
}

/** Whose a row is stands in two columns: in the owner, which policies look at, and in the name, which the writer chose. */
function look({ me, seen }: Turn, rows: readonly ({ ownerId: string; name: string } | undefined)[]): void {
  for (const row of rows) {
    if (row === undefined) continue
    if (row.ownerId === me && row.name.startsWith(`${me}/`)) seen.own += 1
    else seen.foreign.push(`${me} got a row of ${row.ownerId}: ${row.name}`)
  }
}

function nameFor(owner: string, { random }: Turn): string {
  return `${owner}/${Math.floor(random() * 1e12)}`
}

/** One's own, mostly; else one that must not exist for the caller. */
function someId({ model, me, other, random }: Turn): string {
  return model.someIdOf(random() < 0.7 ? me : other, random)
}

function intend<K extends Intent['kind']>(
  turn: Turn,
  intent: Extract<Intent, { kind: K }>,
): Extract<Intent, { kind: K }> {
  turn.intents.push(intent)
  return intent
}

/** A row that is not there for the caller: then nothing was meant after all. */
async function orNotFound<T>(work: Promise<T>, turn: Turn): Promise<T | undefined> {
  return work.catch((error: unknown) => {
    if ((error as { code?: unknown }).code !== 'not-found') throw error
    turn.intents.pop()
    return undefined
  })
}
