import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

interface Process {
  readonly pid: number
  readonly parent: number
  readonly title: string
}

/**
 * Ends a postmaster and all of its processes as a crash of the machine would: none of them gets to say or write anything.
 * It is stopped first, so that it cannot start another while they are counted.
 */
export async function crashPostgres(postmaster: number): Promise<void> {
  process.kill(postmaster, 'SIGSTOP')
  const children = await childrenOf(postmaster)
  kill(postmaster)
  for (const { pid } of children) kill(pid)
}

/** Kills one of the sessions that a login has: PostgreSQL then ends all others too, and recovers by itself. */
export async function killBackend(postmaster: number, login: string, random: () => number): Promise<boolean> {
  const sessions = (await childrenOf(postmaster)).filter(({ title }) => title.includes(`: ${login} `))
  const victim = sessions[Math.floor(random() * sessions.length)]
  if (victim !== undefined) kill(victim.pid)
  return victim !== undefined
}

async function childrenOf(parent: number): Promise<Process[]> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,ppid=,args='], { maxBuffer: 16e6 })
  const all = stdout.split('\n').map((line) => {
    const [, pid, of, title = ''] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? []
    return { pid: Number(pid), parent: Number(of), title }
  })
  return all.filter((one) => one.parent === parent)
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    // It ended by itself between the count and the signal.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
