import { posix } from 'node:path'
import type { ColumnFacts, ColumnType, DatabaseFacts, Dialect, TableFacts } from '../database-facts.js'
import type { SourceFile } from '../source/source-file.js'
import type { Attempt } from '../source/sources.js'
import type { Spot } from '../trace/model.js'

const PROVIDERS: Readonly<Record<string, Dialect>> = {
  postgresql: 'postgresql', postgres: 'postgresql', cockroachdb: 'postgresql', mysql: 'mysql', sqlite: 'sqlite', sqlserver: 'sqlserver', mongodb: 'mongodb',
} // prettier-ignore

const MODEL = /^[ \t]*model[ \t]+(\w+)[ \t]*\{/gm
const FIELD = /^[ \t]*(\w+)[ \t]+(\w+)(\[\]|\?)?(?=\s|$|@)(.*)$/
const LONGEST_LINE = 4_000

/** The databases of Prisma's schemas: the files of one folder, or of the folders in it, are one. */
export function prismaDatabases(files: readonly SourceFile[], attempt: Attempt): DatabaseFacts[] {
  const homes = new Map<string, SourceFile[]>()
  const declaring = files.filter(({ text }) => providerOf(text) !== undefined).map(({ path }) => posix.dirname(path))
  for (const file of files) {
    const own = posix.dirname(file.path)
    const home =
      declaring
        .filter((directory) => own === directory || own.startsWith(`${directory}/`))
        .sort((a, b) => b.length - a.length)[0] ?? own
    const known = homes.get(home)
    if (known === undefined) homes.set(home, [file])
    else known.push(file)
  }
  return [...homes].map(([home, schemas]) => {
    const dialect =
      PROVIDERS[schemas.map(({ text }) => providerOf(text)).find((provider) => provider !== undefined) ?? ''] ??
      'unknown'
    const tables = schemas.flatMap((schema) => attempt(schema.path, () => tablesOf(schema, dialect)) ?? [])
    return {
      home,
      saidBy: 'prisma',
      dialect,
      isOrdered: true,
      isExposed: false,
      exposedSchemas: [],
      tables,
      views: [],
      definers: [],
      unread: [],
    }
  })
}

function providerOf(text: string): string | undefined {
  const source = /^[ \t]*datasource[ \t]+\w+[ \t]*\{([^{}]*)\}/m.exec(text)?.[1]
  return source === undefined ? undefined : /^[ \t]*provider[ \t]*=[ \t]*"(\w+)"/m.exec(source)?.[1]
}

function tablesOf(file: SourceFile, dialect: Dialect): TableFacts[] {
  return [...file.text.matchAll(MODEL)].map((found) => {
    const columns: ColumnFacts[] = []
    const relations: { type: string; fields: string[] }[] = []
    let key: string[] = []
    let schema = 'public'
    for (const { text, at } of linesFrom(file.text, found.index + found[0].length)) {
      const block = /^[ \t]*@@(id|schema)\s*\((?:\s*fields:)?\s*(?:\[([^\]]*)\]|"(\w+)")/.exec(text)
      if (block?.[1] === 'id') key = namesIn(block[2])
      else if (block?.[1] === 'schema') schema = block[3] ?? schema
      const field = FIELD.exec(text)
      if (field === null) continue
      const [, name = '', type = '', many, attributes = ''] = field
      const related = /@relation\([^)]*\bfields:\s*\[([^\]]*)\]/.exec(attributes)?.[1]
      if (related !== undefined) relations.push({ type, fields: namesIn(related) })
      const known = typeOf(type, attributes, dialect)
      if (known === undefined) continue
      if (/@id\b/.test(attributes)) key = [name]
      const written = /@db\.\w+/.exec(attributes)?.[0]
      columns.push({
        name,
        type: many === '[]' ? 'other' : known,
        written: written === undefined ? type : `${type} ${written}`,
        at: spotIn(file, at + text.search(/\S/)),
        isCounted: /@default\(\s*autoincrement\(/.test(attributes),
        references: null,
      })
    }
    const referring = columns.map((column) => ({
      ...column,
      references: relations.find(({ fields }) => fields.length === 1 && fields[0] === column.name)?.type ?? null,
    }))
    return {
      schema, name: found[1]!, at: spotIn(file, found.index + found[0].search(/\S/)), isCreatedHere: true, columns: referring, key, isSingleRow: false,
      rowSecurity: 'off', isForced: false, policies: [], revokedFrom: [], partitionOf: null,
    } satisfies TableFacts // prettier-ignore
  })
}

const spotIn = (file: SourceFile, start: number): Spot => ({ file, node: { start, end: start + 1 } })
const namesIn = (list: string | undefined) => (list ?? '').split(',').map((name) => name.trim().split('(')[0]!)

/** The lines of a block that has begun, until it closes, or the next one begins. */
function* linesFrom(text: string, from: number): Generator<{ text: string; at: number }> {
  let at = from
  while (at < text.length) {
    const next = text.indexOf('\n', at)
    const end = next === -1 ? text.length : next
    const line = text.slice(at, Math.min(end, at + LONGEST_LINE))
    if (/^[ \t]*(?:\}|model[ \t]+\w+[ \t]*\{)/.test(line)) return
    if (!/^[ \t]*\/\//.test(line)) yield { text: line.replace(/\r$/, ''), at }
    at = end + 1
  }
}

/** What Prisma makes of a type there; `undefined` where it is another model. */
function typeOf(type: string, attributes: string, dialect: Dialect): ColumnType | undefined {
  const native = /@db\.(\w+)/.exec(attributes)?.[1]
  switch (type) {
    case 'Int':
      if (native === 'SmallInt') return 'int16'
      return dialect === 'sqlite' || dialect === 'mongodb' || native === 'Oid' ? 'int64' : 'int32'
    case 'BigInt':
      return 'int64'
    case 'Float':
      return 'float'
    case 'Decimal':
      return 'decimal'
    case 'DateTime':
      if (native === 'Timestamptz') return 'instant'
      // Elsewhere Prisma has no type that knows the zone.
      return dialect === 'postgresql' && (native === undefined || native === 'Timestamp') ? 'local-time' : 'other'
    case 'String':
      return native === 'Uuid' ? 'uuid' : 'text'
    case 'Boolean':
    case 'Json':
    case 'Bytes':
    case 'Unsupported':
      return 'other'
    default:
      return undefined
  }
}
