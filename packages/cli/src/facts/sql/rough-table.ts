import type { ColumnFacts } from '../database-facts.js'
import type { Spot } from '../trace/model.js'
import { columnTypeOf, isCountedType } from './column-type.js'
import type { SqlState, SqlTable } from './sql-state.js'
import { skipped } from './statements.js'

const NAME = String.raw`(?:"[^"]+"|\`[^\`]+\`|\[[^\]]+\]|[\w$]+)`
const CREATE = new RegExp(
  String.raw`^create\s+(?:unlogged\s+)?table\s+(?:if\s+not\s+exists\s+)?(?:(${NAME})\s*\.\s*)?(${NAME})\s*\(`,
  'i',
)
const DROP = new RegExp(String.raw`^drop\s+table\s+(?:if\s+exists\s+)?(?:(${NAME})\s*\.\s*)?(${NAME})`, 'i')
const RENAME = new RegExp(String.raw`^alter\s+table\s+(?:(${NAME})\s*\.\s*)?(${NAME})\s+rename\s+to\s+(${NAME})`, 'i')
const COLUMN = new RegExp(
  String.raw`^(${NAME})\s+(${NAME}(?:\s+(?:precision|varying)\b|(?:\s*\(\d+\))?\s+with(?:out)?\s+time\s+zone\b)?)`,
  'i',
)
const CONSTRAINT = /^(?:constraint|primary|foreign|unique|check|key|index|exclude|fulltext|spatial|like)\b/i
const MOST_COLUMNS = 2_000

/**
 * Reads what PostgreSQL's parser does not: tables of MySQL, SQLite and SQL Server, and statements with a slip in them. It takes the
 * names, types and keys, and nothing else. Answers whether it was such a statement.
 */
export function roughTable(sql: string, start: number, state: SqlState, spotAt: (offset: number) => Spot): boolean {
  const dropped = DROP.exec(sql)
  if (dropped !== null) return (state.drop({ schema: bare(dropped[1]), name: bare(dropped[2])! }), true)
  const renamed = RENAME.exec(sql)
  const table = renamed === null ? undefined : state.find({ schema: bare(renamed[1]), name: bare(renamed[2])! })
  if (table !== undefined) return (state.rename(table, { name: bare(renamed?.[3])! }), true)
  const created = CREATE.exec(sql)
  if (created === null) return false
  const made = state.create({ schema: bare(created[1]), name: bare(created[2])! }, spotAt(start))
  if (made === undefined) return true
  for (const item of itemsOf(sql, created[0].length)) readItem(made, item.text, spotAt(start + item.at), state)
  return true
}

function readItem(table: SqlTable, text: string, at: Spot, { dialect }: SqlState): void {
  const key = /^(?:constraint\s+\S+\s+)?primary\s+key\s*(?:clustered\s*)?\(([^)]*)\)/i.exec(text)
  if (key !== null) return void (table.key = key[1]!.split(',').map((name) => bare(name.trim().split(/\s/)[0])!))
  const foreign = new RegExp(
    String.raw`^(?:constraint\s+\S+\s+)?foreign\s+key\s*\(\s*(${NAME})\s*\)\s*references\s+(${NAME})`,
    'i',
  ).exec(text)
  if (foreign !== null) {
    table.columns = table.columns.map((one) =>
      one.name === bare(foreign[1]) ? { ...one, references: bare(foreign[2])! } : one,
    )
    return
  }
  const column = CONSTRAINT.test(text) ? null : COLUMN.exec(text)
  if (column === null || table.columns.length >= MOST_COLUMNS) return
  const written = bare(column[2])!.toLowerCase().replace(/\s*\(\d+\)/, '').replace(/\s+/g, ' ') // prettier-ignore
  const name = bare(column[1])!
  const made: ColumnFacts = {
    name,
    type: columnTypeOf(written, dialect),
    written,
    at,
    isCounted: isCountedType(written) || /\bauto_?increment\b|\bidentity\b/i.test(text),
    references: bare(new RegExp(String.raw`\breferences\s+(${NAME})`, 'i').exec(text)?.[1]) ?? null,
  }
  table.columns.push(made)
  if (/\bprimary\s+key\b/i.test(text)) table.key = [name]
}

/** What stands between the commas of the list that begins at `from`. */
function itemsOf(sql: string, from: number): { text: string; at: number }[] {
  const found: { text: string; at: number }[] = []
  let begin = from
  let depth = 0
  const end = (at: number) => {
    const before = /^(?:\s|--[^\n]*\n|\/\*[\s\S]*?\*\/)*/.exec(sql.slice(begin, at))![0].length
    const text = sql.slice(begin + before, Math.min(at, begin + before + 2_000))
    if (text !== '') found.push({ text, at: begin + before })
    begin = at + 1
  }
  for (let at = from; at < sql.length && found.length < MOST_COLUMNS;) {
    const after = skipped(sql, at)
    if (after !== at) {
      at = after
      continue
    }
    if (sql[at] === '(') depth += 1
    else if (sql[at] === ')' && depth === 0) return (end(at), found)
    else if (sql[at] === ')') depth -= 1
    else if (sql[at] === ',' && depth === 0) end(at)
    at += 1
  }
  end(sql.length)
  return found
}

const bare = (name: string | undefined) => name?.replace(/^["`[]|["`\]]$/g, '')
