import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { UsageError } from './errors.js'

/**
 * Puts a new text in the place of what a file was read as, all of it or nothing. Throws a `UsageError` where the file has become
 * another meanwhile, or holds bytes that are no text: what was never read must not be lost.
 */
export async function writeAtomically(path: string, before: string, after: string): Promise<void> {
  const [bytes, { mode }] = await Promise.all([readFile(path), stat(path)])
  if (!bytes.equals(Buffer.from(before, 'utf8')))
    throw new UsageError(`${path} is not what was read a moment ago`, 'Save what you are editing, and run it again')
  // Beside it, because a rename is only one step on the same file system.
  const beside = `${path}.${process.pid}.postern`
  try {
    await writeFile(beside, after, { flag: 'wx', mode })
    await rename(beside, path)
  } catch (error) {
    await rm(beside, { force: true })
    throw error
  }
}
