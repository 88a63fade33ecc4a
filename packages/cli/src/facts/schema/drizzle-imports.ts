import type { Dialect } from '../database-facts.js'
import type { SourceFile } from '../source/source-file.js'
import { argumentsOf, chainOf, type Constant, textOf } from './syntax.js'

/** What the names of a file make. */
export interface Builders {
  /** Functions that make tables; those of a namespace as `t.pgTable`. */
  readonly makers: ReadonlyMap<string, { readonly dialect: Dialect; readonly saidBy: 'drizzle' | 'postern' }>
  /** Functions that make columns, by their own names; namespaces are under `*`. */
  readonly columns: ReadonlyMap<string, string>
  /** Constants that are schemas, and what these are called. */
  readonly schemas: ReadonlyMap<string, string>
  /** It takes roles from Supabase. */
  readonly isSupabase: boolean
}

const CORES: Readonly<Record<string, Dialect>> = {
  'drizzle-orm/pg-core': 'postgresql',
  'drizzle-orm/mysql-core': 'mysql',
  'drizzle-orm/sqlite-core': 'sqlite',
}
const MAKERS = /^(?:pg|mysql|sqlite)Table$/
const CREATORS = /^(?:pg|mysql|sqlite)TableCreator$/

export function buildersOf(file: SourceFile, constants: readonly Constant[]): Builders {
  const makers = new Map<string, { dialect: Dialect; saidBy: 'drizzle' | 'postern' }>()
  const columns = new Map<string, string>()
  const schemas = new Map<string, string>()
  const creators = new Map<string, Dialect>()
  const schemaMakers = new Set<string>()
  const foreign: string[] = []
  let dialect: Dialect | undefined
  let isSupabase = false
  for (const { moduleRequest, entries } of file.module.staticImports) {
    const core = CORES[moduleRequest.value]
    const isOurs = moduleRequest.value === 'postern/schema'
    isSupabase ||= moduleRequest.value === 'drizzle-orm/supabase'
    for (const { importName, localName } of entries) {
      const name = importName.name ?? '*'
      const local = localName.value
      if (core !== undefined) {
        dialect = core
        if (MAKERS.test(name)) makers.set(local, { dialect: core, saidBy: 'drizzle' })
        else if (CREATORS.test(name)) creators.set(local, core)
        else if (/^(?:pg|mysql)Schema$/.test(name)) schemaMakers.add(local)
        else columns.set(local, name)
        if (name === '*')
          for (const kind of ['pg', 'mysql', 'sqlite'])
            makers.set(`${local}.${kind}Table`, { dialect: core, saidBy: 'drizzle' })
      } else if (isOurs) {
        if (name === 'table') makers.set(local, { dialect: 'postgresql', saidBy: 'postern' })
        else columns.set(local, name)
      } else foreign.push(local)
    }
  }
  for (const { name, init } of constants) {
    const chain = chainOf(init)
    const call = chain?.calls[0]
    if (chain === undefined || call === undefined || call.name !== null) continue
    const made = creators.get(chain.root)
    if (made !== undefined) makers.set(name, { dialect: made, saidBy: 'drizzle' })
    if (schemaMakers.has(chain.root)) schemas.set(name, textOf(argumentsOf(call)[0]) ?? name)
  }
  // A creator that is kept in another file: T3's `createTable`.
  if (dialect !== undefined)
    for (const name of foreign)
      if (/^(?:create|pg|define)\w*Table$/.test(name)) makers.set(name, { dialect, saidBy: 'drizzle' })
  return { makers, columns, schemas, isSupabase }
}
