import { claimsStatement } from '../../packages/postern/src/database/claims.js'
import type { Connection } from '../../packages/postern/src/database/connections.js'
import { type Identity, identityOf } from '../../packages/postern/src/database/identity.js'
import type { Statement, StatementResult } from '../../packages/postern/src/database/statement.js'

/** Someone who tries: by name for people, and by the statement that says so to PostgreSQL. */
export interface Caller {
  readonly name: string
  readonly become: Statement
  /** What owner columns are compared with; empty for nobody. */
  readonly id: string
  /** Their role in the organization of each party that they are a member of. */
  readonly seats: Readonly<Record<string, string>>
  /** The party whose organization they name as the one they work in; `none` for one that is nobody's. */
  readonly active?: string | undefined
}

// Ids that fit an owner column of text and one of uuid.
export const ALICE = '00000000-0000-4000-8000-00000000a11c'
export const BOB = '00000000-0000-4000-8000-000000000b0b'
const person = (number: number) => `00000000-0000-4000-8000-00000000c0${number}0`

/** Each has a row in every owned table, and is the owner of an organization. */
export const PARTIES = [ALICE, BOB] as const

/** Exactly as the runtime does it. */
function caller(name: string, id: string, seats: Caller['seats'] = {}): Caller {
  return { name, become: claims(identityOf({ id, roles: [], claims: {} })), id, seats }
}

export const alice = caller('alice', ALICE, { [ALICE]: 'owner' })
export const bob = caller('bob', BOB, { [BOB]: 'owner' })
/** Fellow members of Alice's organization, with less to say in it. */
export const carol = caller('carol, who may read', person(1), { [ALICE]: 'viewer' })
export const dan = caller('dan, who may write', person(2), { [ALICE]: 'editor' })
export const erin = caller('erin, in both organizations', person(3), { [ALICE]: 'viewer', [BOB]: 'owner' })
/** Was the owner of both organizations once. */
export const fay = caller('fay, who was a member', person(4))
export const gil = caller('gil, a stranger', person(5))
export const PEOPLE = [alice, bob, carol, dan, erin, fay, gil] as const

export const nobody: Caller = { name: 'nobody', become: claims(identityOf(null)), id: '', seats: {} }
/** What a reused connection shows where claims were set once and not again. */
export const emptyClaims: Caller = without('empty claims', claims({ role: 'authenticated', claims: '', sub: '' }))
export const emptyNobody: Caller = without('nobody with empty claims', claims({ role: 'anon', claims: '', sub: '' }))
/** On a connection that has never heard of claims; only possible before any other caller. */
export const nullClaims: Caller = without('null claims', role('authenticated'))
export const nullNobody: Caller = without('nobody with null claims', role('anon'))
/** Sets no claims, so that they stay NULL until the first caller has some. */
const service = role('service_role')

/** The same person, who says in which organization they work. `id` is its id; `active` the party that it belongs to. */
export function workingIn(who: Caller, active: string, organizationId: string): Caller {
  const identity = identityOf({ id: who.id, roles: [], claims: {}, organizationId })
  return { ...who, name: `${who.name}, naming ${organizationId}`, become: claims(identity), active }
}

/** Whether a caller is not signed in. */
export function nobodys({ become }: Caller): boolean {
  return become.values[0] === 'anon'
}

function claims(identity: Identity): Statement {
  return claimsStatement(identity, { readOnly: false, statementTimeoutMs: 10_000 })
}

function without(name: string, become: Statement): Caller {
  return { name, become, id: '', seats: {} }
}

function role(name: Identity['role']): Statement {
  return { text: "select set_config('role', $1, true)", values: [name] }
}

/** What came of an attempt: refused by an error of this SQLSTATE, or done, and what the service then saw. */
export type Attempt =
  | { readonly refused: string }
  | { readonly refused: null; readonly done: StatementResult; readonly seen: StatementResult }

/** One statement, or several of which the last answers. */
export type Attacking = Statement | readonly Statement[]

/** One transaction in which everything is tried and nothing stays. */
export class Session {
  readonly #connection: Connection

  constructor(connection: Connection) {
    this.#connection = connection
  }

  /** Foreign keys are judged at once, or an attack would count as done that COMMIT would undo. */
  async begin(): Promise<void> {
    await this.#connection.batch([sql('begin'), sql('set constraints all immediate')])
  }

  async rollback(): Promise<void> {
    await this.#connection.batch([sql('rollback')])
  }

  async asService(...statements: Statement[]): Promise<StatementResult> {
    return (await this.#connection.batch([service, ...statements])).at(-1)!
  }

  /** Clears the way as the service, attacks as `who`, looks as the service, and takes all of it back. */
  async attempt(who: Caller, attack: Attacking, look: Statement, clear: readonly Statement[] = []): Promise<Attempt> {
    try {
      await this.#connection.batch([sql('savepoint attempt'), service, ...clear])
      const done = await this.#attack(who, attack)
      return typeof done === 'string' ? { refused: done } : { refused: null, done, seen: await this.asService(look) }
    } finally {
      await this.#connection.batch([sql('rollback to savepoint attempt')])
    }
  }

  async #attack(who: Caller, attack: Attacking): Promise<StatementResult | string> {
    try {
      return (await this.#connection.batch([who.become, ...[attack].flat()])).at(-1)!
    } catch (error) {
      const state = (error as { code?: unknown }).code
      if (typeof state !== 'string') throw error
      return state
    }
  }
}

export function sql(text: string, values: readonly unknown[] = []): Statement {
  return { text, values }
}
