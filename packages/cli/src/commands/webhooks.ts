import type { DeliveryFilter, DeliveryStatus, InboxHome, Replayed } from 'postern/webhooks'
import { UsageError } from '../errors.js'
import type { Context } from '../project/context.js'
import { enterProject } from '../project/enter.js'
import { keepStdout } from '../project/keep-stdout.js'
import { loadProject } from '../project/load.js'
import { deliveriesTable, deliveryLines } from '../report/deliveries-table.js'

export interface ListOptions {
  readonly webhook?: string
  readonly status?: string
  readonly type?: string
  readonly since?: string
  readonly until?: string
  readonly error?: string
  readonly limit?: string
  readonly json?: boolean
}

/** `postern webhooks list`: the newest events of the inbox. */
export async function webhooksList(context: Context, options: ListOptions): Promise<void> {
  const filter = await filterOf(options)
  await withInbox(context, options, async (database, print) => {
    const { listDeliveries } = await import('postern/webhooks')
    const deliveries = await listDeliveries(database, filter)
    if (options.json) return print(JSON.stringify({ version: 1, deliveries }, null, 2))
    await print(deliveriesTable(deliveries, context.terminal).join('\n'))
  })
}

/** `postern webhooks show`: one event, with what is kept of it. 1 where there is none. */
export async function webhooksShow(
  context: Context,
  id: string,
  options: { readonly json?: boolean },
): Promise<number> {
  return withInbox(context, options, async (database, print) => {
    const { showDelivery } = await import('postern/webhooks')
    const found = await showDelivery(database, id)
    if (found === null) {
      if (options.json) await print(JSON.stringify({ version: 1, delivery: null }))
      else context.terminal.note(`There is no event ${id} in the inbox`)
      return 1
    }
    const delivery = { ...found, body: found.body?.toString('base64') ?? null }
    if (options.json) await print(JSON.stringify({ version: 1, delivery }, null, 2))
    else await print(deliveryLines(found).join('\n'))
    return 0
  })
}

export interface ReplayOptions extends ListOptions {
  readonly perMinute?: string
  readonly force?: boolean
  readonly reason?: string
}

/** `postern webhooks replay`: events by id, or all that a filter finds. 1 where one of them could not be. */
export async function webhooksReplay(
  context: Context,
  ids: readonly string[],
  options: ReplayOptions,
): Promise<number> {
  const force = forceOf(options)
  const filter = await filterOf(options)
  const { webhook, status, type, since, until, error } = options
  const isFiltered = [webhook, status, type, since, until, error].some((said) => said !== undefined)
  const perMinute = paceOf(options.perMinute)
  if (ids.length === 0 && !isFiltered)
    throw new UsageError('Say which events to replay', 'Their ids, or --status dead, --webhook, --type, --error')
  if (ids.length > 0 && isFiltered) throw new UsageError('Say either ids or a filter', 'Not both: which is meant?')
  return withInbox(context, options, async (database, print) => {
    const { replayDeliveries } = await import('postern/webhooks')
    const replayed = await replayDeliveries(database, ids.length > 0 ? ids : filter, {
      ...(force === null ? {} : { force }),
      ...(perMinute === null ? {} : { perMinute }),
    })
    const refused = replayed.filter((each) => !each.replayed)
    if (options.json) await print(JSON.stringify({ version: 1, replayed }, null, 2))
    else await print(replayed.map(sentenceOf).join('\n') || 'Nothing to replay')
    return refused.length === 0 ? 0 : 1
  })
}

/** `postern webhooks prune`: takes away what is no longer needed. */
export async function webhooksPrune(
  context: Context,
  options: { readonly doneDays?: string; readonly deadDays?: string; readonly json?: boolean },
): Promise<void> {
  const doneDays = daysOf('--done-days', options.doneDays)
  const deadDays = daysOf('--dead-days', options.deadDays)
  await withInbox(context, options, async (database, print) => {
    const { pruneDeliveries } = await import('postern/webhooks')
    const pruned = await pruneDeliveries(database, { ...doneDays('doneDays'), ...deadDays('deadDays') })
    if (options.json) return print(JSON.stringify({ version: 1, ...pruned }))
    await print(`Emptied ${pruned.bodies} events, forgot ${pruned.rows}`)
  })
}

async function withInbox<T>(
  context: Context,
  { json }: { readonly json?: boolean },
  work: (database: InboxHome, print: (text: string) => Promise<void> | void) => Promise<T>,
): Promise<T> {
  const project = await enterProject(context)
  const print = json === true ? keepStdout() : (text: string) => context.terminal.print(text)
  const loaded = await loadProject(project, 'webhooks', { routes: false })
  try {
    return await work(loaded.backend.database as unknown as InboxHome, print)
  } finally {
    await loaded.backend.database.close()
  }
}

async function filterOf({ webhook, status, type, since, until, error, limit }: ListOptions): Promise<DeliveryFilter> {
  const { DELIVERY_STATUSES } = await import('postern/webhooks')
  if (status !== undefined && !DELIVERY_STATUSES.includes(status as DeliveryStatus))
    throw new UsageError(`There is no status "${status}"`, `One of: ${DELIVERY_STATUSES.join(', ')}`)
  const count = limit === undefined ? 50 : Number(limit)
  if (!Number.isSafeInteger(count) || count < 1 || count > 10_000)
    throw new UsageError('--limit takes a whole number from 1 to 10000', 'Filter by --webhook, --status or --since')
  return {
    limit: count,
    ...(webhook === undefined ? {} : { webhook }),
    ...(status === undefined ? {} : { status: status as DeliveryStatus }),
    ...(type === undefined ? {} : { type }),
    ...(since === undefined ? {} : { since: timeOf('--since', since) }),
    ...(until === undefined ? {} : { until: timeOf('--until', until) }),
    ...(error === undefined ? {} : { error }),
  }
}

/** **Security:** `Date` reads "1" as a year: what was meant as something else would choose every event there is. */
function timeOf(flag: string, text: string): Date {
  const time = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))?$/.test(text)
    ? new Date(text)
    : null
  if (time === null || Number.isNaN(time.getTime()))
    throw new UsageError(
      `${flag} takes a day or a time with its zone`,
      `As in ${flag} 2026-11-23 or 2026-11-23T17:00:00Z`,
    )
  return time
}

function paceOf(text: string | undefined): number | null {
  if (text === undefined) return null
  const pace = Number(text)
  if (!Number.isSafeInteger(pace) || pace < 1 || pace > 60_000)
    throw new UsageError('--per-minute takes a whole number from 1 to 60000', 'As in --per-minute 60: one each second')
  return pace
}

function forceOf({ force, reason }: ReplayOptions): { readonly reason: string } | null {
  if (force !== true && reason === undefined) return null
  if (force !== true) throw new UsageError('--reason goes with --force', 'Without it nothing has its effect twice')
  if (reason === undefined || reason.trim() === '')
    throw new UsageError('--force needs a --reason', 'The effects of these events come a second time: say why')
  return { reason }
}

function daysOf(flag: string, text: string | undefined) {
  const days = Number(text)
  if (text !== undefined && (text.trim() === '' || !Number.isFinite(days) || days < 0))
    throw new UsageError(`${flag} takes a number of days`, 'As in --done-days 30')
  return <Name extends string>(name: Name) =>
    (text === undefined ? {} : { [name]: days }) as { readonly [K in Name]?: number }
}

const WHY: Readonly<Record<Extract<Replayed, { replayed: false }>['why'], string>> = {
  absent: 'there is no such event',
  pruned: 'its body was pruned',
  succeeded: 'it has succeeded; --force --reason makes a new event of it',
  'not-succeeded': 'it has not succeeded: replay it without --force',
  running: 'it is being processed',
}

function sentenceOf(replayed: Replayed): string {
  const { id } = replayed
  if (!replayed.replayed) return `${id} not replayed: ${WHY[replayed.why]}`
  return replayed.as === id ? `${id} waits to be processed again` : `${id} is processed again as ${replayed.as}`
}
