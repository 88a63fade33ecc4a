import type { Database } from '../../packages/postern/src/database/database.js'
import type { Outcome } from './campaign-model.js'
import { members, organizations, products } from './every-rule.js'
import type { Rules } from './world.js'

const ORGANIZATIONS = 10
const ROLES = ['owner', 'editor', 'viewer', 'none'] as const
export type Seat = (typeof ROLES)[number]

interface Product {
  readonly organization: string
  readonly names: Set<string>
  deleted: 'no' | 'maybe' | 'yes'
}

/**
 * Who may be what in which organization, and what stands in their tables. A principal's seats change in their own requests only, so
 * that the model knows them at every moment; a request that was cut off leaves two possibilities.
 */
export class Seats {
  readonly organizations: string[] = []
  readonly #possible = new Map<string, Set<Seat>>()
  readonly #products = new Map<string, Product>()
  readonly #unsureNames = new Set<string>()

  /** Ten organizations with a few products; everyone has a seat in one or two of the four that are ever theirs. */
  async furnish(database: Database<Rules>, principals: readonly string[]): Promise<void> {
    const service = database.service('the campaign furnishes organizations')
    const names = Array.from({ length: ORGANIZATIONS }, (_, index) => ({ name: `organization ${index}` }))
    const made = await service.insert(organizations).values(names).returning()
    this.organizations.push(...made.map(({ id }) => id))
    const seats = principals.flatMap((userId, index) =>
      this.rangeOf(userId)
        .slice(0, 1 + (index % 2))
        .map((organizationId, at) => ({ userId, organizationId, role: ROLES[(index + at) % 3]! as 'owner' })),
    )
    await service.insert(members).values(seats)
    const wares = this.organizations.flatMap((organizationId) =>
      [1, 2, 3, 4].map((number) => ({ organizationId, name: `${organizationId}/found here/${number}` })),
    )
    for (const { id, organizationId, name } of await service.insert(products).values(wares).returning())
      this.#products.set(id, { organization: organizationId, names: new Set([name]), deleted: 'no' })
    for (const { userId, organizationId, role } of seats)
      this.#possible.set(key(userId, organizationId), new Set([role]))
  }

  /** The organizations that a principal is ever in. */
  rangeOf(principal: string): string[] {
    const first = Number(principal.slice(1))
    return [0, 3, 4, 7].map((step) => this.organizations[(first + step) % ORGANIZATIONS]!)
  }

  mayBeIn(principal: string, organization: string): boolean {
    return [...this.#seats(principal, organization)].some((seat) => seat !== 'none')
  }

  mayWrite(principal: string, organization: string): boolean {
    return [...this.#seats(principal, organization)].some((seat) => seat === 'owner' || seat === 'editor')
  }

  settleSeat(principal: string, organization: string, seat: Seat, outcome: Outcome): void {
    if (outcome === 'done') this.#possible.set(key(principal, organization), new Set([seat]))
    else if (outcome === 'unsure') {
      this.#possible.set(key(principal, organization), new Set([...this.#seats(principal, organization), seat]))
    }
  }

  settleProduct(id: string | undefined, organization: string, name: string, outcome: Outcome): void {
    if (outcome === 'nothing') return
    if (id === undefined || outcome === 'unsure') this.#unsureNames.add(name)
    if (id === undefined) return
    const product = this.#products.get(id)
    if (product !== undefined) product.names.add(name)
    else if (outcome === 'done') this.#products.set(id, { organization, names: new Set([name]), deleted: 'no' })
  }

  settleDeletion(id: string, outcome: Outcome): void {
    const product = this.#products.get(id)
    if (product === undefined || outcome === 'nothing' || product.deleted === 'yes') return
    product.deleted = outcome === 'done' ? 'yes' : 'maybe'
  }

  /** The id of a product that stood once; one that does not exist where there is none yet. */
  someProduct(random: () => number): { id: string; organization: string } {
    const ids = [...this.#products.keys()].slice(-200)
    const id = ids[Math.floor(random() * ids.length)]
    return id === undefined ? { id: '999999999', organization: '' } : { id, ...this.#products.get(id)! }
  }

  /** Compares with the tables themselves, as the service reads them. Answers one sentence for each difference. */
  async differences(database: Database<Rules>): Promise<string[]> {
    const service = database.service('the campaign looks at what is there')
    const differences: string[] = []
    const stored = new Map((await service.query.products.findMany()).map((row) => [row.id, row]))
    for (const { id, organizationId, name, deletedAt } of stored.values()) {
      if (!name.startsWith(`${organizationId}/`)) differences.push(`product ${id} of ${organizationId} is ${name}`)
      const product = this.#products.get(id)
      if (!(product?.names.has(name) ?? false) && !this.#unsureNames.has(name))
        differences.push(`product ${id} should not be ${name}`)
      if (product?.deleted === 'yes' && deletedAt === null) differences.push(`product ${id} is back`)
      if (product?.deleted === 'no' && deletedAt !== null) differences.push(`product ${id} was deleted by nobody`)
    }
    for (const id of this.#products.keys()) if (!stored.has(id)) differences.push(`product ${id} is gone for good`)
    for (const { id, name, productId } of await service.query.parts.findMany()) {
      if (!name.startsWith(`${stored.get(productId)?.organizationId}/`))
        differences.push(`part ${id} hangs on a product of ${stored.get(productId)?.organizationId}: ${name}`)
    }
    for (const { userId, organizationId, role } of await service.query.members.findMany()) {
      if (!this.#seats(userId, organizationId).has(role)) differences.push(`${userId} is ${role} in ${organizationId}`)
    }
    return differences
  }

  #seats(principal: string, organization: string): ReadonlySet<Seat> {
    return this.#possible.get(key(principal, organization)) ?? NONE
  }
}

export function someSeat(random: () => number): Seat {
  return ROLES[Math.floor(random() * ROLES.length)]!
}

const NONE: ReadonlySet<Seat> = new Set(['none'])
const key = (principal: string, organization: string) => `${principal} in ${organization}`
