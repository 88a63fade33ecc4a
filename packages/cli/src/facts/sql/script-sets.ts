import { posix } from 'node:path'

/** Scripts that make one database. */
export interface ScriptSet {
  readonly home: string
  readonly paths: readonly string[]
  readonly isOrdered: boolean
}

/** What undoes a migration, and what is written for tests and demonstrations, makes no database. */
const UNDONE = /\.(?:down|undo)\.|(?:^|[._\-/])(?:down|undo|rollback|revert)\.sql$|(?:^|\/)(?:down|undo|rollbacks?)\//i
const SAMPLE =
  /(?:^|\/)(?:__tests__|tests?|fixtures?|mocks?|snapshots?|examples?-data)\/|(?:^|[/._-])(?:seeds?|fixtures?|sample|test|dump|backup)(?:[._-][\w-]*)?\.sql$/i
const MIGRATIONS = /(?:^|\/)migrations?(?:\/|$)/i
const NUMBERED = /^V?\d+/i

/**
 * Which scripts belong together, and in which order they run. Scripts of one folder are one database; two migration folders are
 * two. A folder of numbered scripts is taken for migrations whatever it is called.
 */
export function scriptSetsOf(files: readonly string[]): ScriptSet[] {
  const sets = new Map<string, string[]>()
  for (const path of files) {
    if (!path.endsWith('.sql') || UNDONE.test(path) || SAMPLE.test(path)) continue
    const home = homeOf(path)
    const set = sets.get(home)
    if (set === undefined) sets.set(home, [path])
    else set.push(path)
  }
  return [...sets].map(([home, paths]) => {
    const numbered = paths.filter((path) => NUMBERED.test(nameOf(path, home)))
    const isOrdered = MIGRATIONS.test(`${home}/`) || (paths.length > 1 && numbered.length * 2 > paths.length)
    return { home, isOrdered, paths: paths.sort((a, b) => inOrder(nameOf(a, home), nameOf(b, home))) }
  })
}

/** Prisma, Hasura and Diesel give each migration a folder. */
function homeOf(path: string): string {
  const directory = posix.dirname(path)
  const isAlone = /^(?:migration|up)\.sql$/i.test(posix.basename(path)) && NUMBERED.test(posix.basename(directory))
  return isAlone ? posix.dirname(directory) : directory
}

const nameOf = (path: string, home: string) => (home === '.' ? path : path.slice(home.length + 1))

/** Counted names by their number (`2_` before `10_`); time stamps as their tools do, by their letters. */
function inOrder(a: string, b: string): number {
  const [left, right] = [/^V?(\d+)/i.exec(a)?.[1], /^V?(\d+)/i.exec(b)?.[1]]
  if (
    left !== undefined &&
    right !== undefined &&
    left.length < 8 &&
    right.length < 8 &&
    Number(left) !== Number(right)
  )
    return Number(left) - Number(right)
  return a < b ? -1 : 1
}

const DOWN =
  /^[ \t]*--[ \t]*(?:migrate:down|\+goose\s+down|\+migrate\s+down|\+micrate\s+down|down\s+migration|@undo|(?:down|rollback)(?:\s+(?:migration|script))?(?:[ \t]*:)?[ \t]*$)[^\n]*|^--\/\/@undo.*$|^---- create above \/ drop below ----/im

/** The part of a script that makes, where another part of it undoes. */
export function forwardPart(text: string): string {
  const down = DOWN.exec(text)
  return down === null ? text : text.slice(0, down.index)
}
