import type { JsonObject } from './payload.js'

/** Names of events that an editor proposes; any other name is one too, because providers add some faster than we do. */
export type KnownEvents<Type extends string> = { readonly [Name in Type]: JsonObject } & {
  readonly [type: string]: JsonObject
}
