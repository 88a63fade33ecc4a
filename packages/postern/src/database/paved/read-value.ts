import type { ColumnFacts } from '../../schema/facts.js'

const DAY = /^(\d{4})-(\d\d)-(\d\d)$/
const TIME = /^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,6})?)?$/
const ZONE = /(Z|[+-](0\d|1[0-4]):?[0-5]\d)$/

const WHOLE_NUMBERS: Readonly<Record<string, bigint>> = {
  smallint: 2n ** 15n,
  integer: 2n ** 31n,
  bigint: 2n ** 63n,
}

/**
 * A text from outside as PostgreSQL reads it for the column, or `null` where it is no value of it. An instant without a
 * zone is in UTC, so that no setting of a server changes what it means.
 */
export function readValue({ column }: Pick<ColumnFacts, 'column'>, text: string): string | null {
  if (text.length > 1000 || text.includes('\0')) return null
  if (column.enumValues !== undefined && column.enumValues.length > 0)
    return kept(text, column.enumValues.includes(text))
  const type = column.getSQLType()
  const most = WHOLE_NUMBERS[type.replace(/serial$/, 'int').replace(/^int$/, 'integer')]
  if (most !== undefined) return kept(text, /^-?\d{1,19}$/.test(text) && BigInt(text) >= -most && BigInt(text) < most)
  if (/^(numeric|real|double)/.test(type)) return kept(text, /^-?\d{1,30}(\.\d{1,30})?$/.test(text))
  if (type === 'boolean') return kept(text, text === 'true' || text === 'false')
  if (type === 'uuid') return kept(text, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text))
  if (type === 'date') return kept(text, isDay(text))
  if (type.startsWith('timestamp')) return readInstant(text, type.includes('with time zone'))
  return text
}

function readInstant(text: string, hasZone: boolean): string | null {
  const [day = '', rest] = text.split(/[T ]/, 2)
  const zone = rest === undefined ? '' : (ZONE.exec(rest)?.[0] ?? '')
  const time = rest === undefined ? '00:00' : rest.slice(0, rest.length - zone.length)
  if (!isDay(day) || !TIME.test(time) || text.split(/[T ]/).length > 2) return null
  // PostgreSQL would read past the zone of a column that has none, and so compare with another instant.
  if (!hasZone) return zone === '' || zone === 'Z' ? `${day} ${time}` : null
  return `${day}T${time}${zone === '' ? 'Z' : zone}`
}

/** February has no 30th, though JavaScript's own parser reads one. */
function isDay(text: string): boolean {
  const [, year, month, day] = DAY.exec(text) ?? []
  const read = new Date(`${text}T00:00:00Z`)
  return Number(year) > 0 && read.getUTCMonth() + 1 === Number(month) && read.getUTCDate() === Number(day)
}

function kept(text: string, fits: boolean): string | null {
  return fits ? text : null
}
