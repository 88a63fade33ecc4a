/** One write of one writer: which it was, what it does, and what became of it. */
export interface Sent {
  readonly note: string
  readonly made: 'paved' | 'counted'
  /** The id of the row that was answered; `undefined` while nobody has answered. */
  acknowledged?: string
}

/** What the tables hold. */
export interface Contents {
  readonly entries: readonly { readonly id: string; readonly owner: string; readonly note: string }[]
  /** By owner. */
  readonly counters: Readonly<Record<string, number>>
}

/** What was not as promised, by kind; a few of each are told, all are counted. */
export interface Judgement {
  readonly acknowledged: number
  readonly lost: readonly string[]
  readonly doubled: readonly string[]
  /** Rows and counts that nobody sent. */
  readonly strange: readonly string[]
  readonly unresolved: readonly string[]
}

/** What the clients know: every write that was sent, by writer, in order. */
export class Ledger {
  readonly #sent = new Map<string, Sent[]>()
  #acknowledged = 0

  get acknowledged(): number {
    return this.#acknowledged
  }

  send(writer: string, made: Sent['made']): Sent {
    const list = this.#sent.get(writer) ?? []
    this.#sent.set(writer, list)
    const sent = { note: `${writer}-${list.length}`, made }
    list.push(sent)
    return sent
  }

  acknowledge(sent: Sent, id: string): void {
    sent.acknowledged = id
    this.#acknowledged += 1
  }

  /** Some write of a writer that was answered some time ago, for asking again. */
  earlier(writer: string, random: () => number): Sent | undefined {
    const list = this.#sent.get(writer) ?? []
    const sent = list[Math.floor(random() * list.length)]
    return sent?.acknowledged === undefined ? undefined : sent
  }

  /** Compares what the clients know with what is there. */
  judge({ entries, counters }: Contents): Judgement {
    const rows = new Map<string, string[]>()
    for (const { id, owner, note } of entries) {
      const key = `${owner} ${note}`
      rows.set(key, [...(rows.get(key) ?? []), id])
    }
    const findings = {
      lost: [] as string[],
      doubled: [] as string[],
      strange: [] as string[],
      unresolved: [] as string[],
    }
    for (const [writer, list] of this.#sent) {
      let counted = 0
      for (const { note, made, acknowledged } of list) {
        const ids = rows.get(`${writer} ${note}`) ?? []
        rows.delete(`${writer} ${note}`)
        if (made === 'counted') counted += ids.length > 0 ? 1 : 0
        if (ids.length > 1) findings.doubled.push(`${note} is there ${ids.length} times: ${ids.join(', ')}`)
        if (acknowledged === undefined) findings.unresolved.push(`${note} was never answered`)
        else if (!ids.includes(acknowledged))
          findings.lost.push(`${note} was answered as ${acknowledged}, and is not there`)
      }
      const count = counters[writer] ?? 0
      if (count > counted) findings.doubled.push(`${writer} counted ${count} times for ${counted} writes`)
      if (count < counted) findings.lost.push(`${writer} counted ${count} times for ${counted} writes`)
    }
    for (const [key, ids] of rows) findings.strange.push(`${key} (${ids.join(', ')}) was sent by nobody`)
    for (const writer of Object.keys(counters))
      if (!this.#sent.has(writer)) findings.strange.push(`${writer} never wrote`)
    return { acknowledged: this.#acknowledged, ...findings }
  }
}
