import type { BankPlace, BankProcess } from '../webhooks/bank-place.js'
import { type Killed, killRun, type KillRun } from '../webhooks/kill-run.js'

/** What became of orders, each with a job, whose server was killed. */
export interface JobKills extends Killed {
  /** Acknowledged and not there; or there, and its job was never done. */
  readonly lost: readonly string[]
  /** An order or a shipment that is there twice. */
  readonly doubled: readonly string[]
  /** Shipped, and nobody has ordered it. */
  readonly strange: readonly string[]
}

/** Orders, and a job for each, of which one in ten fails at first, while the process that takes and does them is killed. */
export async function killAmidJobs(place: BankPlace, run: Omit<KillRun, 'send' | 'isSettled'>): Promise<JobKills> {
  const killed = await killRun({ ...run, send, isSettled: () => isSettled(place) })
  const effects = await place.effects()
  const ordered = killed.sent.filter((id) => effects.has(`order:${id}`))
  return {
    ...killed,
    lost: [
      ...[...killed.acknowledged].filter((id) => !effects.has(`order:${id}`)),
      ...ordered.filter((id) => !effects.has(`ship:${id}`)),
    ],
    doubled: killed.sent.filter((id) => Math.max(effects.get(`order:${id}`) ?? 0, effects.get(`ship:${id}`) ?? 0) > 1),
    strange: killed.sent.filter((id) => effects.has(`ship:${id}`) && !effects.has(`order:${id}`)),
  }
}

async function send(bank: BankProcess, id: string, random: () => number): Promise<boolean> {
  const body = JSON.stringify({ event: id, fails: random() < 0.1 ? 1 : 0 })
  const headers = { 'content-type': 'application/json' }
  try {
    const response = await fetch(`${bank.url}/order`, { method: 'POST', headers, body })
    await response.arrayBuffer()
    return response.ok
  } catch {
    return false
  }
}

async function isSettled(place: BankPlace): Promise<boolean> {
  const [left] = await place.sql(
    "select count(*)::int as count from pgboss.job where name = 'ship' and state < 'completed'",
  )
  return left!['count'] === 0
}
