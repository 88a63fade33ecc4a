import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { UsageError } from './errors.js'

const run = promisify(execFile)

/** Bytes: a first commit may be of a hundred thousand files. */
const MOST_NAMES = 64_000_000

/**
 * The files that differ from the last commit, by their paths from `cwd`: staged, not staged, and new; before the first commit
 * all. Throws a `UsageError` outside a repository of git.
 */
export async function changedFiles(cwd: string): Promise<string[]> {
  // A hook is told of an index by a path from where git was called, which need not be here.
  const { GIT_INDEX_FILE: index } = process.env
  const env = index === undefined ? process.env : { ...process.env, GIT_INDEX_FILE: resolve(index) }
  const list = (...words: string[]) => run('git', [...words, '-z', '--', '.'], { cwd, env, maxBuffer: MOST_NAMES })
  const differing = list('diff', '--name-only', '--relative', 'HEAD').catch(async (error: unknown) => {
    const hasCommit = await run('git', ['rev-parse', '--verify', '-q', 'HEAD'], { cwd, env }).then(
      () => true,
      () => false,
    )
    if (hasCommit) throw error
    return list('ls-files', '--cached')
  })
  try {
    const [changed, added] = await Promise.all([differing, list('ls-files', '--others', '--exclude-standard')])
    return [...new Set(`${changed.stdout}${added.stdout}`.split('\0').filter((path) => path !== ''))]
  } catch (error) {
    throw new UsageError('What has changed cannot be told: this is no repository of git', 'Leave --changed out', {
      cause: error,
    })
  }
}
