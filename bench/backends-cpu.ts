import { readdir, readFile } from 'node:fs/promises'

/** What each process of PostgreSQL has computed so far, in microseconds. */
export type BackendsCpu = ReadonlyMap<string, number>

/** Reads it; `null` where the system does not tell (no /proc). */
export async function backendsCpu(backendPid: number): Promise<BackendsCpu | null> {
  const own = await statOf(String(backendPid))
  if (own === null) return null
  const stats = await Promise.all((await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(statOf))
  const siblings = stats.filter((stat) => stat !== null).filter(({ parent }) => parent === own.parent)
  return new Map(siblings.map(({ pid, ticks }) => [pid, ticks * US_PER_TICK]))
}

/** What was computed from one reading to the other, by those that are still there. */
export function cpuBetween(before: BackendsCpu | null, after: BackendsCpu | null): number | null {
  if (before === null || after === null) return null
  return [...after].reduce((sum, [pid, us]) => sum + us - (before.get(pid) ?? 0), 0)
}

// Linux tells these times in hundredths of a second, whatever its kernel ticks by (USER_HZ).
const US_PER_TICK = 10_000

interface Stat {
  readonly pid: string
  readonly parent: string
  readonly ticks: number
}

/** Fields 4, 14 and 15 of proc_pid_stat(5), counted behind the name, which may hold spaces and brackets. */
async function statOf(pid: string): Promise<Stat | null> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null)
  if (text === null) return null
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return { pid, parent: fields[1]!, ticks: Number(fields[11]) + Number(fields[12]) }
}
