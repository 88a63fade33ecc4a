import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** Tells two processes apart that had the same pid, one after the other. `null` where the system does not say. */
export function birthOf(pid: number): string | null {
  try {
    // proc(5): the 22nd field is the start, in ticks since boot. The second, the command, may itself hold spaces and brackets.
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
      .replace(/^.*\) /s, '')
      .split(' ')
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()
    return `${boot}/${fields[19]}`
  } catch {
    return process.platform === 'win32' ? null : birthByPs(pid)
  }
}

function birthByPs(pid: number): string | null {
  try {
    const answer = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    return answer.trim() || null
  } catch {
    return null
  }
}

/** EPERM means that it lives and is somebody else's. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
