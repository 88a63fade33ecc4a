import type { Terminal } from '../terminal.js'
import type { InventoryEntry } from './inventory.js'

/** The inventory as people read it: one aligned line an endpoint. */
export function routesTable(entries: readonly InventoryEntry[], { paint }: Pick<Terminal, 'paint'>): string[] {
  const columns = entries.some((entry) => howOften(entry) !== '') ? [...COLUMNS, CALLS, FILE] : [...COLUMNS, FILE]
  const widths = columns.map(({ title, of }) => Math.max(title.length, ...entries.map((entry) => of(entry).length)))
  // Padded before painting: colour codes have a length but no width.
  const padded = (cell: string, column: number) => (columns[column] === FILE ? cell : cell.padEnd(widths[column] ?? 0))
  const head = columns.map(({ title }, column) => padded(title, column)).join('  ')
  const lineOf = (entry: InventoryEntry) => {
    const cells = columns.map(({ of, style }, column) => {
      const format = style?.(entry)
      const cell = padded(of(entry), column)
      return format === undefined ? cell : paint(format, cell)
    })
    return cells.join('  ')
  }
  return [paint('dim', head), ...entries.map(lineOf)]
}

type Style = Parameters<Terminal['paint']>[0]

interface Column {
  readonly title: string
  readonly of: (entry: InventoryEntry) => string
  readonly style?: (entry: InventoryEntry) => Style | undefined
}

const COLUMNS: readonly Column[] = [
  // An action has no path of its own: it is told by the name under which it is exported.
  {
    title: 'METHOD',
    of: ({ kind, method, path }) => (kind === 'job' ? 'job' : path === '' ? 'action' : method),
    style: () => 'bold',
  },
  { title: 'PATH', of: ({ path, name }) => (path === '' ? (name ?? '') : path) },
  {
    title: 'WHO',
    of: whoMay,
    style: ({ auth, kind }) =>
      (auth === 'public' && kind !== 'webhook') || kind === 'unguarded' ? 'yellow' : undefined,
  },
  { title: 'ROWS', of: whose },
]
const CALLS: Column = { title: 'CALLS', of: howOften }
const FILE: Column = { title: 'FILE', of: ({ file, line }) => `${file}:${line}`, style: () => 'dim' }

function whoMay({ kind, path, auth, publicReason, provider }: InventoryEntry): string {
  if (kind === 'foreign') return `answered by ${provider ?? 'another library'}`
  // It may wrap an action that is guarded: only its code tells.
  if (kind === 'unguarded' && path === '') return 'a bare function: look at what it calls'
  if (kind === 'unguarded') return 'NOTHING GUARDS IT'
  if (kind === 'webhook') return `signed: ${provider ?? 'a provider'}`
  if (auth === 'public') return publicReason === null ? 'public' : `public: ${publicReason}`
  if (typeof auth !== 'object' || auth === null) return String(auth ?? 'user')
  return Object.entries(auth)
    .map(([name, value]) => `${name} ${String(value)}`)
    .join(', ')
}

function whose({ owns, sees, unowned, paginated }: InventoryEntry): string {
  const said =
    owns !== null ? `owns ${owns}` : sees !== null ? `sees ${sees}` : unowned === null ? '' : `unowned: ${unowned}`
  return [said, paginated ? 'pages' : ''].filter((word) => word !== '').join(', ')
}

/** How often it may be called, and whether a repetition has its effect again. */
function howOften({ rateLimit, idempotent, schedule }: InventoryEntry): string {
  const { cron, timeZone } = (schedule ?? {}) as { readonly cron?: string; readonly timeZone?: string }
  if (cron !== undefined) return `${cron} ${timeZone}`
  const { limit, per } = (rateLimit ?? {}) as { readonly limit?: unknown; readonly per?: unknown }
  const time = typeof per === 'number' ? `${per} s` : String(per)
  const said = limit === undefined ? '' : `${String(limit)} per ${time}`
  return [said, idempotent ? 'idempotent' : ''].filter((word) => word !== '').join(', ')
}
