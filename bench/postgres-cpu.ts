import { readdir, readFile } from 'node:fs/promises'
import { setTimeout } from 'node:timers/promises'

/**
 * What PostgreSQL has computed so far, in microseconds: its server, all of its processes that are there, and those that have ended, whose
 * time their server has counted. `null` where the system does not tell (no /proc).
 */
export async function postgresCpu(backendPid: number): Promise<number | null> {
  const first = await totalOf(backendPid)
  if (first === null) return null
  // For a moment one that ends is counted by nobody.
  await setTimeout(ENDING_MS)
  return Math.max(first, (await totalOf(backendPid)) ?? 0)
}

const ENDING_MS = 300

async function totalOf(backendPid: number): Promise<number | null> {
  const own = await statOf(String(backendPid))
  const server = own === null ? null : await statOf(own.parent)
  if (server === null) return null
  const stats = await Promise.all((await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(statOf))
  const children = stats.filter((stat) => stat !== null).filter(({ parent }) => parent === server.pid)
  return children.reduce((sum, { ticks }) => sum + ticks, server.ticks + server.endedTicks) * US_PER_TICK
}

/** What was computed from one reading to the other. */
export function cpuBetween(before: number | null, after: number | null): number | null {
  return before === null || after === null ? null : after - before
}

// Linux tells these times in hundredths of a second, whatever its kernel ticks by (USER_HZ).
const US_PER_TICK = 10_000

interface Stat {
  readonly pid: string
  readonly parent: string
  readonly ticks: number
  /** Of its children that have ended. */
  readonly endedTicks: number
}

/** Fields 4 and 14 to 17 of proc_pid_stat(5), counted behind the name, which may hold spaces and brackets. */
async function statOf(pid: string): Promise<Stat | null> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null)
  if (text === null) return null
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const ticks = (from: number) => Number(fields[from]) + Number(fields[from + 1])
  return { pid, parent: fields[1]!, ticks: ticks(11), endedTicks: ticks(13) }
}
