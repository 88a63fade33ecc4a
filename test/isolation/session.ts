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
}

// Ids that fit an owner column of text and one of uuid.
export const ALICE = '00000000-0000-4000-8000-00000000a11c'
export const BOB = '00000000-0000-4000-8000-000000000b0b'

/** Exactly as the runtime does it. */
function caller(name: string, identity: Identity): Caller {
  return { name, become: claimsStatement(identity, 10_000, false), id: identity.sub }
}

export const alice = caller('alice', identityOf({ id: ALICE, roles: [], claims: {} }))
export const bob = caller('bob', identityOf({ id: BOB, roles: [], claims: {} }))
export const nobody = caller('nobody', identityOf(null))
/** What a reused connection shows where claims were set once and not again. */
export const emptyClaims = caller('empty claims', { role: 'authenticated', claims: '', sub: '' })
export const emptyNobody = caller('nobody with empty claims', { role: 'anon', claims: '', sub: '' })
/** On a connection that has never heard of claims; only possible before any other caller. */
export const nullClaims: Caller = { name: 'null claims', become: role('authenticated'), id: '' }
export const nullNobody: Caller = { name: 'nobody with null claims', become: role('anon'), id: '' }
/** Sets no claims, so that they stay NULL until the first caller has some. */
const service = role('service_role')

function role(name: Identity['role']): Statement {
  return { text: "select set_config('role', $1, true)", values: [name] }
}

/** What came of an attempt: refused by an error of this SQLSTATE, or done, and what the service then saw. */
export type Attempt =
  | { readonly refused: string }
  | { readonly refused: null; readonly done: StatementResult; readonly seen: StatementResult }

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
  async attempt(who: Caller, attack: Statement, look: Statement, clear: readonly Statement[] = []): Promise<Attempt> {
    try {
      await this.#connection.batch([sql('savepoint attempt'), service, ...clear])
      const done = await this.#attack(who, attack)
      return typeof done === 'string' ? { refused: done } : { refused: null, done, seen: await this.asService(look) }
    } finally {
      await this.#connection.batch([sql('rollback to savepoint attempt')])
    }
  }

  async #attack(who: Caller, attack: Statement): Promise<StatementResult | string> {
    try {
      return (await this.#connection.batch([who.become, attack])).at(-1)!
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
