import type { Database } from '../../packages/postern/src/database/database.js'
import { SERVICE } from '../../packages/postern/src/database/identity.js'
import type { Rules } from './world.js'

/** What a request is about to do to one row. Said before it is done, because a request may be cut off at any point. */
export type Intent =
  | { readonly kind: 'create'; readonly owner: string; readonly name: string; id?: string }
  | { readonly kind: 'rename'; readonly id: string; readonly name: string }
  | { readonly kind: 'remove'; readonly id: string }

/** `done`: the client heard so. `nothing`: the function threw, or was refused. `unsure`: cut off, and either may be true. */
export type Outcome = 'done' | 'nothing' | 'unsure'

interface ModelRow {
  readonly owner: string
  readonly names: Set<string>
  mayBeGone: boolean
}

/** What must be in the table at the end of a campaign, and what may be. */
export class Model {
  readonly #rows = new Map<string, ModelRow>()
  readonly #ids = new Map<string, string[]>()
  readonly #unsureNames = new Set<string>()

  settle(intents: readonly Intent[], outcome: Outcome): void {
    if (outcome === 'nothing') return
    for (const intent of intents) {
      if (intent.kind === 'create') this.#create(intent, outcome)
      else if (intent.kind === 'remove') this.#remove(intent.id, outcome)
      else this.#rename(intent.id, intent.name, outcome)
    }
  }

  /** The id of a row of this owner; one that does not exist where they have none. */
  someIdOf(owner: string, random: () => number): string {
    const ids = this.#ids.get(owner) ?? []
    return ids[Math.floor(random() * ids.length)] ?? '999999999'
  }

  countOf(owner: string): number {
    return this.#ids.get(owner)?.length ?? 0
  }

  /** Compares with the table itself, as the service reads it. Answers one sentence for each difference. */
  async differences(database: Database<Rules>): Promise<string[]> {
    const text = 'select id::text, owner_id, name from customers'
    const { rows } = await database.unit({ mode: 'read' }).run(SERVICE, { text, values: [] })
    const differences: string[] = []
    for (const [id, owner, name] of rows as [string, string, string][]) {
      if (!name.startsWith(`${owner}/`)) differences.push(`row ${id} of ${owner} was written by somebody else: ${name}`)
      const row = this.#rows.get(id)
      const isExpected = row === undefined ? this.#unsureNames.has(name) : row.owner === owner && row.names.has(name)
      if (!isExpected) differences.push(`row ${id} of ${owner} should not be ${name}`)
    }
    const there = new Set(rows.map(([id]) => id))
    for (const [id, row] of this.#rows) {
      if (!row.mayBeGone && !there.has(id)) differences.push(`row ${id} of ${row.owner} is gone`)
    }
    return differences
  }

  #create({ owner, name, id }: Extract<Intent, { kind: 'create' }>, outcome: Outcome): void {
    if (outcome === 'unsure' || id === undefined) {
      this.#unsureNames.add(name)
      return
    }
    this.#rows.set(id, { owner, names: new Set([name]), mayBeGone: false })
    this.#ids.set(owner, [...(this.#ids.get(owner) ?? []), id])
  }

  #rename(id: string, name: string, outcome: Outcome): void {
    const row = this.#rows.get(id)
    if (row === undefined) return
    if (outcome === 'done') row.names.clear()
    row.names.add(name)
  }

  #remove(id: string, outcome: Outcome): void {
    const row = this.#rows.get(id)
    if (row === undefined) return
    this.#ids.set(
      row.owner,
      (this.#ids.get(row.owner) ?? []).filter((other) => other !== id),
    )
    if (outcome === 'done') this.#rows.delete(id)
    else row.mayBeGone = true
  }
}
