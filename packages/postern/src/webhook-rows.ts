import { askSchema } from './ask-schema.js'
import { dedupeKeyOf, eventOf, type InboxRow, keptEvent, sha256, storable } from './inbox/inbox-row.js'
import { describe } from './inbox/record.js'
import { textOf } from './signers/payload.js'
import type { Delivery, ProviderEvent } from './signers/signer.js'
import type { EventHandler, WebhookPlan } from './webhook-plan.js'

/** The rows that a verified delivery becomes: one for each of its events. */
export async function rowsOf(
  plan: WebhookPlan,
  delivery: Delivery,
  events: readonly ProviderEvent[],
): Promise<InboxRow[]> {
  const rows: InboxRow[] = []
  for (const event of events)
    rows.push(await rowOf(plan, delivery, event, { alone: events.length === 1, first: rows.length === 0 }))
  return rows
}

/** The row of a delivery whose signature holds and whose body can't be read: dead from the start, for somebody to look at. */
export function unreadableRow(plan: WebhookPlan, delivery: Delivery, reason: string): InboxRow {
  const bodySha256 = sha256(delivery.body)
  return {
    ...common(plan, delivery),
    dedupeKey: dedupeKeyOf(null, delivery.body),
    eventType: 'unreadable',
    eventAt: null,
    orderingKey: null,
    event: null,
    body: delivery.body,
    bodySha256,
    status: 'dead',
    error: { name: 'Unreadable', message: storable(reason) },
  }
}

async function rowOf(
  plan: WebhookPlan,
  delivery: Delivery,
  event: ProviderEvent,
  { alone, first }: { readonly alone: boolean; readonly first: boolean },
): Promise<InboxRow> {
  // Of several events each has bytes of its own, so that a copy in another company is known.
  const text = alone ? textOf(event.payload, delivery.body) : null
  let kept: string
  try {
    kept = keptEvent(event, text)
  } catch {
    return unreadableRow(plan, delivery, 'The body nests deeper than it can be kept')
  }
  // Of several events in one body each has bytes of its own; the whole is kept once.
  const own = alone ? delivery.body : Buffer.from(kept)
  const handler = plan.handlers.get(event.type)
  const refusal = handler === undefined ? null : await refusalOf(handler, kept)
  return {
    ...common(plan, delivery),
    dedupeKey: dedupeKeyOf(event.id, own),
    eventType: storable(event.type),
    eventAt: event.at,
    orderingKey: keyOf(plan, event),
    event: kept,
    body: first && text === null ? delivery.body : null,
    bodySha256: sha256(own),
    status: handler === undefined ? 'ignored' : refusal === null ? 'received' : 'dead',
    error: refusal === null ? null : describe(refusal),
  }
}

function common(plan: WebhookPlan, { headers }: Delivery) {
  const { name, signer, attempts, keepMs, onDead } = plan
  const kept = signer.keeps.flatMap((header) => (headers.has(header) ? [[header, headers.get(header)!]] : []))
  return {
    endpoint: name,
    blocksKey: onDead === 'block',
    guardsBody: !signer.signsId,
    headers: JSON.stringify(Object.fromEntries(kept)),
    maxAttempts: attempts,
    keepMs,
  }
}

function keyOf({ orderBy, name }: WebhookPlan, event: ProviderEvent): string | null {
  const key = orderBy?.(event) ?? null
  if (key === null) return null
  if (typeof key !== 'string') throw new TypeError(`orderBy of the webhook ${name} answers a text or null`)
  return storable(key)
}

/** Data that its schema does not let pass: another attempt can't change that. */
export class DataRefused extends Error {
  override readonly name = 'DataRefused'
  readonly issues: readonly { readonly path: string; readonly message: string }[]

  constructor(issues: DataRefused['issues']) {
    super('The data of the event does not pass its schema')
    this.issues = issues
  }
}

/** The data as the schema gives it. Throws `DataRefused`. */
export async function checkedData({ schema }: EventHandler, data: unknown): Promise<unknown> {
  if (schema === null) return data
  const result = await askSchema(schema, data)
  if (result.issues === undefined) return result.value
  const issues = result.issues.slice(0, 50).map(({ path = [], message }) => ({
    path: path.map((segment) => String(typeof segment === 'object' ? segment.key : segment)).join('.'),
    message,
  }))
  throw new DataRefused(issues)
}

async function refusalOf(handler: EventHandler, kept: string): Promise<DataRefused | null> {
  if (handler.schema === null) return null
  try {
    await checkedData(handler, eventOf(kept).data)
    return null
  } catch (error) {
    if (error instanceof DataRefused) return error
    // A schema that fails by itself (it asks a database, say) has said nothing of the data: the attempt will meet it again.
    return null
  }
}
