import type { DeliveryDetails, StoredDelivery } from 'postern/webhooks'
import type { Terminal } from '../terminal.js'

/** The inbox as people read it: one aligned line an event. */
export function deliveriesTable(deliveries: readonly StoredDelivery[], { paint }: Pick<Terminal, 'paint'>): string[] {
  if (deliveries.length === 0) return ['No events']
  const rows = deliveries.map((each) => [
    each.id,
    visible(each.webhook),
    visible(each.type),
    each.status,
    `${each.attempts}/${each.maxAttempts}`,
    String(each.duplicates),
    each.receivedAt.toISOString(),
    visible(each.error ?? '').slice(0, 80),
  ])
  const widths = TITLES.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]!.length)))
  // Padded before painting: colour codes have a length but no width.
  const line = (row: readonly string[]) => row.map((cell, column) => cell.padEnd(widths[column]!))
  const painted = rows.map((row, index) => {
    const cells = line(row)
    const colour = COLOURS[deliveries[index]!.status]
    if (colour !== undefined) cells[3] = paint(colour, cells[3]!)
    return cells.join('  ').trimEnd()
  })
  return [paint('dim', line(TITLES).join('  ').trimEnd()), ...painted]
}

const TITLES = ['ID', 'WEBHOOK', 'TYPE', 'STATUS', 'TRIED', 'COPIES', 'RECEIVED', 'ERROR']
const COLOURS: Readonly<Partial<Record<StoredDelivery['status'], 'red' | 'yellow' | 'dim'>>> = {
  dead: 'red',
  received: 'yellow',
  ignored: 'dim',
}

/** One event, a line for each thing that is known. */
export function deliveryLines(delivery: DeliveryDetails): string[] {
  const { body, headers, lastError, ...facts } = delivery
  const lines = Object.entries(facts).flatMap(([name, value]) =>
    value === null
      ? []
      : [`${name.padEnd(14)} ${visible(value instanceof Date ? value.toISOString() : String(value))}`],
  )
  const more = Object.entries({ headers, lastError }).flatMap(([name, value]) =>
    value === null ? [] : [`${name.padEnd(14)} ${visible(JSON.stringify(value))}`],
  )
  return [...lines, ...more, ...(body === null ? [] : ['', visible(body.toString())])]
}

/** **Security:** what a provider sent must not be able to say something to the terminal. */
function visible(text: string): string {
  // oxlint-disable-next-line no-control-regex -- these are what is meant
  return text.replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '?')
}
