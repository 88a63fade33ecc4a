import type { Schedule } from './job-plan.js'

/**
 * The first moment of a schedule after another one. Days on which a clock is put forward skip what would fall into the gap, and
 * those on which it is put back do not do it twice.
 */
export async function nextTick({ cron, timeZone }: Schedule, after: Date): Promise<Date> {
  const { parseExpression } = (await import('cron-parser')).default
  return parseExpression(cron, { currentDate: after, tz: timeZone }).next().toDate()
}

/** Throws a sentence for a schedule that can't be meant. */
export function assertSchedule(name: string, { cron, timeZone }: Schedule): void {
  const fields = cron.trim().split(/\s+/)
  if (fields.length !== FIELDS.length) {
    throw new TypeError(`The schedule of job ${name} needs five fields, as '0 3 * * *': "${cron}" has others`)
  }
  for (const [index, { of, least, most, names }] of FIELDS.entries()) {
    if (!fields[index]!.split(',').every((part) => isPart(part, least, most, names))) {
      throw new TypeError(`The schedule of job ${name} has no such ${of}: "${fields[index]}"`)
    }
  }
  try {
    Intl.DateTimeFormat('en', { timeZone })
  } catch {
    throw new TypeError(`The schedule of job ${name} names a time zone that there isn't: ${timeZone}`)
  }
}

/** No sixth one: it would be seconds, and ticks are not looked for so often. */
const FIELDS = [
  { of: 'minute', least: 0, most: 59, names: '' },
  { of: 'hour', least: 0, most: 23, names: '' },
  { of: 'day of the month', least: 1, most: 31, names: '' },
  { of: 'month', least: 1, most: 12, names: 'jan feb mar apr may jun jul aug sep oct nov dec' },
  { of: 'day of the week', least: 0, most: 7, names: 'sun mon tue wed thu fri sat' },
] as const

/** `*`, `5`, `1-5`, `mon-fri`, and each of them with a step. */
function isPart(part: string, least: number, most: number, names: string): boolean {
  const [, range = '', step] = /^([a-z\d*-]+)(?:\/(\d+))?$/i.exec(part) ?? []
  if (step !== undefined && (Number(step) < 1 || Number(step) > most)) return false
  if (range === '*') return true
  const ends = range.toLowerCase().split('-')
  return (
    ends.length <= 2 &&
    ends.every((end) => isIn(end, least, most) || (end.length === 3 && names.split(' ').includes(end)))
  )
}

function isIn(text: string, least: number, most: number): boolean {
  return /^\d{1,2}$/.test(text) && Number(text) >= least && Number(text) <= most
}
