/**
 * What the slot `idempotent` takes. `true`: a request that brings a key has its effect once. `required`: a request without
 * one is refused. `keepHours`: how long its reply is kept, in hours (default 24).
 */
export type IdempotentSlot = true | { readonly required?: boolean; readonly keepHours?: number }

/** The slot, read. */
export interface IdempotentPlan {
  readonly required: boolean
  readonly keepHours: number
}

/** The slots that it has a say with, as they come. */
interface Beside {
  readonly idempotent?: unknown
  readonly public?: unknown
  readonly transaction?: unknown
}

/** Reads the slot. Throws a `TypeError` for what it does not take, and for slots that it does not go with. */
export function idempotentOf(slots: Beside, does: { readonly kind: string }): IdempotentPlan | null {
  const value = slots.idempotent
  if (value === undefined) return null
  if (slots.public !== undefined) {
    throw new TypeError('idempotent does not go with public: a reply is kept for the principal who made the request')
  }
  if (slots.transaction !== undefined && slots.transaction !== 'request') {
    throw new TypeError(
      "idempotent needs transaction: 'request': the reply is stored where its effect is, or neither is",
    )
  }
  if (does.kind === 'page' || does.kind === 'row') {
    throw new TypeError(`idempotent is for what writes: ${does.kind}() only reads, and may be repeated anyway`)
  }
  const { required = false, keepHours = 24, ...others } = value === true ? {} : given(value)
  if (typeof required !== 'boolean' || typeof keepHours !== 'number' || Object.keys(others).length > 0) refuse()
  if (!(keepHours > 0 && keepHours <= MOST_HOURS)) {
    throw new TypeError(`idempotent.keepHours is how long a reply is kept: above 0, at most ${MOST_HOURS} (a year)`)
  }
  return { required, keepHours }
}

const MOST_HOURS = 8_784

function given(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) refuse()
  return value as Readonly<Record<string, unknown>>
}

function refuse(): never {
  throw new TypeError('idempotent takes true, or { required: true, keepHours: 24 }')
}
