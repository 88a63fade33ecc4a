import type { Listed } from './database/paved/list-query.js'
import type { Astray } from './database/with-types.js'
import type { Foreign } from './foreign-database.js'
import type { Creates, Pages, Reads } from './operations.js'
import type { RowIn } from './schema/facts.js'
import type { InsertNamed, RelationsNamed, TablesOf } from './schema/tables-of.js'

/**
 * Why an operation and the slots before it don't go together, as the sentence that the compiler shows; `never` where
 * they do. `N` is what the operation needs; a function needs nothing.
 */
export type OperationRefusal<N, S, D, Kind extends Called = 'endpoint'> = N extends unknown
  ? D extends Foreign<unknown>
    ? 'a paved operation needs database(): write a function'
    : [Kind, N] extends ['action', Pages<string, string> | Reads<string>]
      ? `${N extends Reads<string> ? 'row' : 'page'}() reads, and an action is there to change something: read by an endpoint`
      : RefusalHere<N, S, D, Kind>
  : never

type Called = 'endpoint' | 'action'

type RefusalHere<N, S, D, Kind extends Called> =
  N extends Pages<infer Name, infer Under>
    ? PageRefusal<Name, Under, S>
    : N extends Creates<infer Name, infer Under>
      ? CreateRefusal<Name, Under, S, D, Kind>
      : N extends Reads<infer Path>
        ? ReadRefusal<Path, S, D>
        : N extends 'update'
          ? UpdateRefusal<S, D, Kind>
          : N extends 'remove'
            ? WriteRefusal<'remove', S>
            : never

type PageRefusal<Name extends string, Under, S> = S extends { readonly query: infer Query }
  ? Query extends Listed<infer Other>
    ? Other extends Name
      ? UnderRefusal<Under, S>
      : `page(${Name}) needs query: listQuery(${Name}), and this is the query of ${Other}`
    : 'page() needs query: listQuery(table)'
  : 'page() needs query: listQuery(table)'

/** A row of the path that the rows don't hang on would never be looked at. */
type UnderRefusal<Under, S> = [Under] extends [never]
  ? S extends { readonly owns: unknown } | { readonly sees: unknown }
    ? 'say under: the relation by which these rows hang on the row of the path'
    : never
  : S extends { readonly owns: RowIn<string> } | { readonly sees: RowIn<string> }
    ? never
    : 'under needs owns or sees with the table that the rows hang on'

type CreateRefusal<
  Name extends string,
  Under extends string,
  S,
  D,
  Kind extends Called,
> = Name extends keyof TablesOf<D>
  ? [InsertNamed<Name, D>] extends [never]
    ? `create(${Name}) is for the service alone: the rows are unowned`
    : S extends { readonly public: unknown }
      ? `create() needs an owner, and a public ${Kind} has none: write a function`
      : S extends { readonly body: infer Body } | { readonly input: infer Body }
        ? | UnderRefusal<Under, S>
          | BodyRefusal<
              `create(${Name})`,
              Written<S, Body, LessParent<InsertNamed<Name, D>, Under>, Kind>,
              LessParent<InsertNamed<Name, D>, Under>,
              Kind
            >
        : `create() needs ${WordOf<Kind>}: a schema`
  : `${Name} is not in the schema that database() was given`

/** The word for what comes in, and for what takes it. */
type WordOf<Kind extends Called> = Kind extends 'action' ? 'input' : 'body'

/** Of an action's input, what names a row is not written: which field that is, types don't know where it is not `id`. */
type Written<S, Body, Insert, Kind> = Kind extends 'action'
  ? S extends { readonly owns: unknown } | { readonly sees: unknown }
    ? Omit<Body, Extract<Exclude<keyof Body, keyof Insert>, 'id' | `${string}Id`>>
    : Body
  : Body

/** The column that the path fills in is not asked of the body. */
type LessParent<Insert, Under extends string> = [Under] extends [never]
  ? Insert
  : Omit<Insert, `${Under}Id` extends keyof Insert ? `${Under}Id` : Under>

type ReadRefusal<Path, S, D> = S extends { readonly owns: RowIn<infer Name> } | { readonly sees: RowIn<infer Name> }
  ? Astray<Path, RelationsNamed<Name, D>> extends infer Unknown
    ? [Unknown] extends [never]
      ? [Extract<Path, TooDeep>] extends [never]
        ? never
        : 'with goes at most 4 levels deep'
      : `${Name} has no relation ${Unknown & string}`
    : never
  : 'row() needs owns or sees with a table'

type TooDeep = `${string}.${string}.${string}.${string}.${string}`

type UpdateRefusal<S, D, Kind extends Called> = [WriteRefusal<'update', S>] extends [never]
  ? S extends { readonly owns: RowIn<infer Name> } & ({ readonly body: infer Body } | { readonly input: infer Body })
    ? [InsertNamed<Name, D>] extends [never]
      ? `update() of ${Name} is for the service alone: the rows are unowned`
      : BodyRefusal<
          `update() of ${Name}`,
          Written<S, Body, InsertNamed<Name, D>, Kind>,
          InsertNamed<Name, D>,
          Kind,
          false
        >
    : `update() needs ${WordOf<Kind>}: patchOf(Schema)`
  : WriteRefusal<'update', S>

type WriteRefusal<Kind extends string, S> = S extends { readonly owns: infer T }
  ? T extends RowIn<string>
    ? never
    : `${Kind}() needs owns: a table`
  : S extends { readonly sees: unknown }
    ? `${Kind}() needs owns: seeing a row is not enough to write it`
    : `${Kind}() needs owns: a table`

/** What of the body the table can't take: a field it doesn't have, one of another type, one that is not there. */
type BodyRefusal<Who extends string, Body, Insert, Kind extends Called, Whole = true> =
  | Sentence<`${Who} takes no`, Exclude<keyof Body, keyof Insert>, ` from the ${WordOf<Kind>}`>
  | Sentence<`${Who} takes`, Misfits<Body, Insert>, ` as another type than the ${WordOf<Kind>} gives`>
  | (Whole extends true ? Sentence<`${Who} needs`, Lacking<Body, Insert>, ` in the ${WordOf<Kind>}`> : never)

type Sentence<Start extends string, Field, End extends string> = [Field] extends [never]
  ? never
  : `${Start} ${Field & string}${End}`

type Misfits<Body, Insert> = {
  [K in keyof Body & keyof Insert]-?: Body[K] extends Insert[K] | undefined ? never : K
}[keyof Body & keyof Insert]

type Lacking<Body, Insert> = {
  [K in keyof Insert]-?: {} extends Pick<Insert, K> ? never : Body extends { readonly [L in K]: unknown } ? never : K
}[keyof Insert]
