import { execFile } from 'node:child_process'
import { chown, mkdtemp, rm, statfs, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { unprivileged } from '../support/unprivileged.js'

/** A disk of a few megabytes, in memory, on which PostgreSQL may keep a tablespace. */
export interface SmallDisk {
  readonly folder: string
  /** Takes what is left of it. */
  fill(): Promise<void>
  empty(): Promise<void>
  remove(): Promise<void>
}

const run = promisify(execFile)

/** `null` where this user may not mount one. */
export async function smallDisk(): Promise<SmallDisk | null> {
  const user = unprivileged()
  if (process.platform !== 'linux' || user === undefined) return null
  const folder = await mkdtemp(join(tmpdir(), 'postern-disk-'))
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=6m,uid=${user.uid},gid=${user.gid},mode=700`, 'none', folder])
  } catch {
    await rm(folder, { recursive: true, force: true })
    return null
  }
  await chown(folder, user.uid, user.gid)
  const filler = join(folder, 'filler')
  return {
    folder,
    async fill() {
      const { bavail, bsize } = await statfs(folder)
      await writeFile(filler, Buffer.alloc(bavail * bsize))
    },
    empty: () => rm(filler, { force: true }),
    async remove() {
      await run('umount', ['-l', folder])
      await rm(folder, { recursive: true, force: true })
    },
  }
}
