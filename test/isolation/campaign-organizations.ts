import { and, eq } from 'drizzle-orm'
import type { Scope } from '../../packages/postern/src/database/scope-types.js'
import type { Outcome } from './campaign-model.js'
import type { Operation, Turn } from './campaign-operations.js'
import { type Seat, someSeat } from './campaign-seats.js'
import { members, parts, products } from './every-rule.js'
import type { Rules } from './world.js'

type Operations = Readonly<Record<string, Operation>>

export const organizationReads: Operations = {
  async 'page of products'(db, turn) {
    look(turn, (await db.products.page({ limit: 5 })).data)
  },
  async 'products by Drizzle, twice at once'(db, turn) {
    const [some, others] = await Promise.all([
      db.query.products.findMany({ limit: 5 }),
      db.select().from(products).limit(3),
    ])
    look(turn, [...some, ...others])
  },
  async 'one product, whosever'(db, turn) {
    const { id } = turn.seats.someProduct(turn.random)
    const row = await db.products.findOptional(id)
    if (row !== undefined) look(turn, [row])
  },
  async 'parts, whose organization only their products know'(db, turn) {
    const rows = await db.select().from(parts).limit(5)
    look(
      turn,
      rows.map(({ name }) => ({ organizationId: name.split('/')[0]!, name })),
    )
  },
  async 'fellow members'(db, turn) {
    for (const { organizationId, userId } of (await db.members.page({ limit: 20 })).data) {
      if (turn.seats.mayBeIn(turn.me, organizationId)) turn.seen.own += 1
      else turn.seen.foreign.push(`${turn.me} saw that ${userId} is in ${organizationId}`)
    }
  },
  async 'as the service, then as another, then as oneself'(db, turn) {
    const service = db.asService('the campaign mixes them')
    await service.products.page({ limit: 3 })
    const range = turn.seats.rangeOf(turn.other)
    for (const { organizationId, name } of (await service.as({ id: turn.other }).products.page({ limit: 5 })).data) {
      if (!range.includes(organizationId))
        turn.seen.foreign.push(`${turn.other} got a product of ${organizationId}: ${name}`)
    }
    look(turn, (await db.products.page({ limit: 3 })).data)
  },
}

export const organizationWrites: Operations = {
  async 'create a product where one works'(db, turn) {
    await create(db, turn)
  },
  async 'create a product and a part of it'(db, turn) {
    const product = await create(db, turn)
    if (product === undefined) return
    const name = `${product.organizationId}/${turn.me}/${rand(turn)}`
    await db.parts.create({ productId: product.id, name })
  },
  async 'rename a product, whosever'(db, turn) {
    const { id, organization } = turn.seats.someProduct(turn.random)
    const name = `${organization}/${turn.me}/${rand(turn)}`
    // Said before it is done: a request may be cut off at any point.
    const intent = later(turn, (outcome) => turn.seats.settleProduct(id, organization, name, outcome))
    const row = await orNone(db.products.update(id, { name }), intent)
    if (row !== undefined) wrote(turn, row)
  },
  async 'remove a product, whosever'(db, turn) {
    if (turn.random() < 0.5) return
    const { id, organization } = turn.seats.someProduct(turn.random)
    const intent = later(turn, (outcome) => turn.seats.settleDeletion(id, outcome))
    const isGone = await orNone(
      db.products.remove(id).then(() => true),
      intent,
    )
    if (isGone) wrote(turn, { organizationId: organization, name: `removed ${id}` })
  },
  async 'take another seat as the service, and feel it at once'(db, turn) {
    await changeSeat(db, turn)
    look(turn, (await db.products.page({ limit: 5 })).data)
  },
  async 'create as another, narrowed from the service'(db, turn) {
    const organizationId = turn.seats.rangeOf(turn.other)[0]!
    const narrowed = db.asService('the campaign mixes them').as({ id: turn.other, organizationId })
    const rows = (await narrowed.products.page({ limit: 5 })).data
    const stray = rows.find((row) => row.organizationId !== organizationId)
    if (stray !== undefined) turn.seen.foreign.push(`${turn.other}, narrowed, got a product of ${stray.organizationId}`)
    look(turn, (await db.products.page({ limit: 3 })).data)
  },
}

/** Requests of which nothing may stay. What they write begins with "!", and belongs nowhere. */
export const organizationFailures: Operations = {
  async 'change a seat and throw'(db, turn) {
    await changeSeat(db, turn)
    throw new Error('half-way')
  },
  async 'let oneself in'(db, turn) {
    await db.insert(members).values({ organizationId: strange(turn), userId: turn.me, role: 'owner' })
  },
  async rise(db, turn) {
    const risen = await db.update(members).set({ role: 'owner' }).returning()
    if (risen.length > 0) turn.seen.foreign.push(`${turn.me} rose to ${risen[0]!.role}`)
    throw new Error('There was nothing to rise in')
  },
  async 'carry products away'(db, turn) {
    await db.update(products).set({ organizationId: strange(turn), name: '!' })
    throw new Error('There was nothing to carry')
  },
  async 'put a product elsewhere'(db, turn) {
    await db.insert(products).values({ organizationId: strange(turn), name: '!' })
  },
  async 'hang a part on what is not one’s own'(db, turn) {
    const { id, organization } = turn.seats.someProduct(turn.random)
    if (organization === '' || turn.seats.mayBeIn(turn.me, organization)) throw new Error('It is one’s own')
    await db.insert(parts).values({ productId: id, name: '!' })
  },
  async 'bring products back'(db) {
    await db.update(products).set({ deletedAt: null })
    throw new Error('There was nothing to bring back')
  },
}

async function create(db: Scope<Rules>, turn: Turn) {
  const { named } = turn
  if (named === undefined) return undefined
  const name = `${named}/${turn.me}/${rand(turn)}`
  const made: { id?: string } = {}
  later(turn, (outcome) => turn.seats.settleProduct(made.id, named, name, outcome))
  const row = await db.products.create({ name })
  made.id = row.id
  wrote(turn, row)
  return row
}

async function changeSeat(db: Scope<Rules>, turn: Turn): Promise<void> {
  const range = turn.seats.rangeOf(turn.me)
  const organizationId = range[Math.floor(turn.random() * range.length)]!
  const seat = someSeat(turn.random)
  later(turn, (outcome) => turn.seats.settleSeat(turn.me, organizationId, seat, outcome))
  turn.changed.set(organizationId, seat)
  const service = db.asService('seats change')
  if (seat === 'none') {
    await service.delete(members).where(and(eq(members.userId, turn.me), eq(members.organizationId, organizationId)))
    return
  }
  const target = [members.userId, members.organizationId]
  const row = { userId: turn.me, organizationId, role: seat }
  await service
    .insert(members)
    .values(row)
    .onConflictDoUpdate({ target, set: { role: seat } })
}

/** Whose a row is stands in two columns: in the organization's, which policies look at, and in the name, which the writer chose. */
function look(turn: Turn, rows: readonly { organizationId: string; name: string }[]): void {
  for (const { organizationId, name } of rows) {
    const isMine = isIn(turn, organizationId) && name.startsWith(`${organizationId}/`)
    if (isMine && (turn.named === undefined || turn.named === organizationId)) turn.seen.shared += 1
    else
      turn.seen.foreign.push(`${turn.me}, naming ${turn.named}, got a row of organization ${organizationId}: ${name}`)
  }
}

function wrote(turn: Turn, { organizationId, name }: { organizationId: string; name: string }): void {
  if (turn.seats.mayWrite(turn.me, organizationId)) turn.seen.own += 1
  else turn.seen.foreign.push(`${turn.me} wrote in organization ${organizationId}: ${name}`)
}

function isIn({ changed, seats, me }: Turn, organization: string): boolean {
  const seat: Seat | undefined = changed.get(organization)
  return seat === undefined ? seats.mayBeIn(me, organization) : seat !== 'none'
}

/** An organization that is never one’s own. */
function strange({ seats, me, random }: Turn): string {
  const others = seats.organizations.filter((one) => !seats.rangeOf(me).includes(one))
  return others[Math.floor(random() * others.length)]!
}

function later(turn: Turn, settle: (outcome: Outcome) => void): { isOff: boolean } {
  const intent = { isOff: false }
  turn.settle.push((outcome) => void (intent.isOff || settle(outcome)))
  return intent
}

/** A row that is not there for the caller: then nothing was meant after all. */
async function orNone<T>(work: Promise<T>, intent: { isOff: boolean }): Promise<T | undefined> {
  return work.catch((error: unknown) => {
    if ((error as { code?: unknown }).code !== 'not-found') throw error
    intent.isOff = true
    return undefined
  })
}

const rand = ({ random }: Turn) => Math.floor(random() * 1e12)
