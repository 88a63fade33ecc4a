import type { Terminal } from '../terminal.js'
import type { InventoryEntry } from './inventory.js'

/** The inventory as people read it: one aligned line an endpoint. */
export function routesTable(entries: readonly InventoryEntry[], { paint }: Pick<Terminal, 'paint'>): string[] {
  const rows = entries.map((entry) => [
    entry.method,
    entry.path,
    whoMay(entry),
    whose(entry),
    `${entry.file}:${entry.line}`,
  ])
  const head = ['METHOD', 'PATH', 'WHO', 'ROWS', 'FILE']
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)))
  // Padded before painting: colour codes have a length but no width.
  const line = (cells: readonly string[]) =>
    cells.map((cell, column) => (column === 4 ? cell : cell.padEnd(widths[column] ?? 0)))
  return [
    paint('dim', line(head).join('  ')),
    ...rows.map((row, index) => {
      const [method = '', path = '', who = '', rowsOf = '', file = ''] = line(row)
      const open = entries[index]?.auth === 'public' || entries[index]?.kind === 'unguarded'
      return [paint('bold', method), path, open ? paint('yellow', who) : who, rowsOf, paint('dim', file)].join('  ')
    }),
  ]
}

function whoMay({ kind, auth, publicReason, provider }: InventoryEntry): string {
  if (kind === 'foreign') return `answered by ${provider ?? 'another library'}`
  if (kind === 'unguarded') return 'NOTHING GUARDS IT'
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
