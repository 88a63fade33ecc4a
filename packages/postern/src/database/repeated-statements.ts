import { type CallSite, deepCallSite, lineOf } from './call-site.js'
import type { Statement } from './statement.js'

/** A statement that one request ran over and over. */
export interface RepeatedStatement {
  /** Its text without values, shortened. */
  readonly statement: string
  readonly times: number
  /** `file:line:column` of the code that ran it; `null` where no line of the user's own is known. */
  readonly place: string | null
}

/** Counts the statements of one request by their text, to find the loop that asks the same question for each row. */
export class RepeatedStatements {
  readonly #runs = new Map<string, { times: number; site: CallSite | null }>()

  count(statements: readonly Statement[], site: CallSite | null = null): void {
    for (const { text } of statements) {
      const runs = this.#runs.get(text)
      if (runs === undefined) this.#runs.set(text, { times: 1, site: null })
      else if ((runs.times += 1) === FEW + 1) runs.site = site ?? deepCallSite()
    }
  }

  found(): RepeatedStatement[] {
    const repeated = [...this.#runs].filter(([, { times }]) => times > FEW)
    return repeated.map(([text, { times, site }]) => ({ statement: shortened(text), times, place: lineOf(site) }))
  }
}

/** An honest request reads a row, changes it and reads it again, perhaps once more as somebody else. A fourth time is a loop. */
const FEW = 3

/** What is asked stands at the beginning, of which table and rows at the end; between them are columns. */
function shortened(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length > HEAD + TAIL ? `${line.slice(0, HEAD)} … ${line.slice(-TAIL)}` : line
}

const HEAD = 80
const TAIL = 160
