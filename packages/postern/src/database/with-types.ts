import type { Related } from '../schema/references.js'
import type { Missing } from '../schema/table.js'
import type { WithShape } from './paved/shape.js'

/**
 * Which related rows to read along, and which with those in turn: `{ invoice: { customer: true } }`. At most four levels.
 * Behind a reference whose table is only `Described`, anything goes here and is checked when it runs.
 */
export type With<Relations, Levels extends keyof Below = 4> = {
  readonly [K in keyof Relations]?: true | Further<Relations[K], Below[Levels]>
}

interface Below {
  readonly 4: 3
  readonly 3: 2
  readonly 2: 1
  readonly 1: 0
  readonly 0: 0
}

/** A table without relations takes `true` alone: an empty object type would take anything. */
type Further<Relation, Levels extends keyof Below> = Levels extends 0
  ? never
  : Relation extends Related<unknown, infer Relations>
    ? unknown extends Relations
      ? WithShape
      : [keyof Relations] extends [never]
        ? never
        : With<Relations, Levels>
    : never

/** What else `with` names beside relations: an inferred argument may always hold more than it must. */
export type Known<Relations, W> = {
  readonly [K in keyof W]: K extends keyof Relations
    ? W[K] extends object
      ? Relations[K] extends Related<unknown, infer Behind>
        ? unknown extends Behind
          ? W[K]
          : Known<Behind, W[K]>
        : never
      : W[K]
    : Missing<`there is no relation ${K & string}`>
}

/** The related rows that were asked for, and theirs: each `null` where the principal may not read it. */
export type Included<Relations, W> = { [K in keyof W & keyof Relations]: ReadAlong<Relations[K], W[K]> }

type ReadAlong<Relation, Asked> =
  Relation extends Related<infer Row, infer Relations>
    ? Asked extends true
      ? Row | null
      : Asked extends object
        ? (unknown extends Relations ? Row : Row & Included<Relations, Asked>) | null
        : undefined
    : never

/** The relations that `with` names, at every level: `invoice`, `invoice.customer`. */
export type Paths<W> = { [K in keyof W & string]: K | (W[K] extends true ? never : `${K}.${Paths<W[K]>}`) }[keyof W &
  string]

/** Those of the paths that lead to no relation, as far as the tables on the way are known. */
export type Astray<Path, Relations> = Path extends `${infer First}.${infer Rest}`
  ? First extends keyof Relations
    ? Relations[First] extends Related<unknown, infer Behind>
      ? unknown extends Behind
        ? never
        : Astray<Rest, Behind> extends infer Wrong extends string
          ? `${First}.${Wrong}`
          : never
      : never
    : never
  : Path extends keyof Relations
    ? never
    : Path
