import { type BankPlace, type BankProcess, deliver, payment } from './bank-place.js'
import { type Killed, killRun, type KillRun } from './kill-run.js'

/** What became of events whose receiver was killed. */
export interface EventKills extends Killed {
  /** Acknowledged, and without an effect. */
  readonly lost: readonly string[]
  /** With more than one. */
  readonly doubled: readonly string[]
  /** Dead, or with an effect and no mark, or the other way round. */
  readonly strange: readonly string[]
}

/** Events by every mode, of which one in ten fails at first, while their receiver or its PostgreSQL is killed. */
export async function killAmidEvents(place: BankPlace, run: Omit<KillRun, 'send' | 'isSettled'>): Promise<EventKills> {
  const killed = await killRun({ ...run, send, isSettled: () => isSettled(place) })
  const effects = await place.effects()
  const rows = await place.sql('select dedupe_key, status from postern.webhook_inbox')
  const statuses = new Map(rows.map((row) => [String(row['dedupe_key']).slice('id:'.length), String(row['status'])]))
  return {
    ...killed,
    lost: [...killed.acknowledged].filter((id) => !effects.has(id)),
    doubled: killed.sent.filter((id) => (effects.get(id) ?? 0) > 1),
    strange: killed.sent.filter((id) => effects.has(id) !== (statuses.get(id) === 'succeeded')),
  }
}

async function send(bank: BankProcess, id: string, random: () => number): Promise<boolean> {
  const chance = random()
  const path = chance < 0.2 ? '/queued' : chance < 0.35 ? '/once' : '/pay'
  const answer = await deliver(bank, path, payment(id, { fails: random() < 0.1 ? 1 : 0 }))
  return answer?.status === 200
}

/** No backoff is waited for; leases of the dead are. */
async function isSettled(place: BankPlace): Promise<boolean> {
  await place.sql("update postern.webhook_inbox set next_attempt_at = now() where status = 'received' and not leased")
  const [left] = await place.sql("select count(*)::int as count from postern.webhook_inbox where status = 'received'")
  return left!['count'] === 0
}
