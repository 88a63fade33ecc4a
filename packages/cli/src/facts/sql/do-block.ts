import type { SqlState, SqlTable } from './sql-state.js'
import { skipped, statementsOf } from './statements.js'

/** Statements of a block that are read as though its conditions held: most ask whether the thing is there already. */
const STATEMENT =
  /\b(?:create\s+(?:table|policy|view|or\s+replace\s+view)|alter\s+(?:table|policy|view|default\s+privileges)|drop\s+(?:table|policy|view)|grant|revoke)\b/i
const EXECUTE = /\bexecute\s+(?:immediate\s+)?(?:pg_catalog\.)?(?:format\s*\(\s*)?/gi
const PLACEHOLDER = /%(?:\d+\$)?[IsL]/
const PLACEHOLDERS = new RegExp(PLACEHOLDER, 'g')

/**
 * Reads a `do` block without running it: the statements in it, and those that it builds for a list of tables
 * (`execute format('alter table %I …', name)`), for each table that the block names. Where it names none, it takes them
 * from the catalog, and so may mean any.
 */
export function runBlock(state: SqlState, body: string, run: (sql: string) => void): void {
  for (const { start, end } of statementsOf(body)) {
    const text = body.slice(start, end)
    const at = codeIndexOf(text, STATEMENT)
    const dynamic = codeIndexOf(text, /\bexecute\b/i)
    if (at !== -1 && (dynamic === -1 || at < dynamic)) run(text.slice(at))
  }
  const built = builtIn(body)
  if (built.length === 0) return
  const named = namedIn(state, body)
  for (const sql of built) {
    if (!PLACEHOLDER.test(sql)) run(sql)
    else if (named.length > 0) for (const table of named) run(filled(sql, table))
    else unsure(state, sql)
  }
}

/** `%I.%I` is a schema and a table; one alone is a table, or a policy named after it. */
function filled(sql: string, { schema, name }: SqlTable): string {
  const quoted = `"${name.replaceAll('"', '')}"`
  return sql
    .replace(/%[Is]\.%[Is]/g, () => `"${schema}".${quoted}`)
    .replace(PLACEHOLDERS, (mark) => (mark.endsWith('L') ? `'${name}'` : quoted))
}

/** The block does it to tables that it finds while it runs, save where it names the one that a policy is on. */
function unsure(state: SqlState, sql: string): void {
  const on = /\bon\s+(?:"?(\w+)"?\.)?"?(\w+)"?/i.exec(sql)
  const only = on?.[2] === undefined ? undefined : state.find({ schema: on[1], name: on[2] })
  const isEnabling = /\benable\s+row\s+level\s+security\b/i.test(sql)
  const isDropping = /^\s*drop\s+policy\b/i.test(sql)
  for (const table of only === undefined ? state.tables : [only]) {
    if (isEnabling && table.rowSecurity === 'off') table.rowSecurity = 'unsure'
    // Old policies are cleared so before new ones are made.
    if (isDropping) table.policies = []
  }
}

/** The strings that a block executes; what is put into them as it runs is a placeholder. */
function builtIn(body: string): string[] {
  return [...body.matchAll(EXECUTE)].flatMap((found) => {
    let built = ''
    let at = found.index + found[0].length
    while (at < body.length && built.length < 20_000) {
      const end = skipped(body, at)
      const char = body[at]!
      if (end > at) {
        if (char === "'" || char === '$') built += unquoted(body.slice(at, end))
        at = end
      } else if (char === ';' || char === ',' || char === ')') break
      else if (/\w/.test(char)) {
        // A name, or a call such as quote_ident(name).
        const part = /^[\w.]+(?:\([^()]*\))?/.exec(body.slice(at, at + 200))![0]
        if (/^using$/i.test(part)) break
        built += '%I'
        at += part.length
      } else at += 1
    }
    return built === '' || built === '%I' ? [] : built
  })
}

function unquoted(text: string): string {
  const tag = /^\$\w*\$/.exec(text)?.[0]
  return tag === undefined ? text.slice(1, -1).replaceAll("''", "'") : text.slice(tag.length, -tag.length)
}

/** The tables that the strings of a block name. */
function namedIn(state: SqlState, body: string): SqlTable[] {
  const strings = new Set<string>()
  for (let at = 0; at < body.length;) {
    const end = skipped(body, at)
    if (end > at && body[at] === "'") strings.add(body.slice(at + 1, end - 1))
    at = end > at ? end : at + 1
  }
  return state.tables.filter(({ schema, name }) => strings.has(name) || strings.has(`${schema}.${name}`))
}

/** Where it stands outside of strings and comments. */
function codeIndexOf(text: string, pattern: RegExp): number {
  for (let at = 0; at < text.length;) {
    const end = skipped(text, at)
    if (end > at) at = end
    else {
      if (/\w/.test(text[at]!) && !/\w/.test(text[at - 1] ?? ' ')) {
        const found = pattern.exec(text.slice(at, at + 80))
        if (found?.index === 0) return at
      }
      at += 1
    }
  }
  return -1
}
