import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { UsageError } from './errors.js'

const run = promisify(execFile)

/** The files that differ from the last commit, by their paths from `cwd`: staged, not staged, and new. Throws a `UsageError` outside a repository of git. */
export async function changedFiles(cwd: string): Promise<string[]> {
  try {
    const [changed, added] = await Promise.all([
      run('git', ['diff', '--name-only', '--relative', '-z', 'HEAD', '--', '.'], { cwd }),
      run('git', ['ls-files', '--others', '--exclude-standard', '-z', '--', '.'], { cwd }),
    ])
    return [...new Set(`${changed.stdout}${added.stdout}`.split('\0').filter((path) => path !== ''))]
  } catch (error) {
    throw new UsageError(
      'What has changed cannot be told: this is no repository of git with a commit',
      'Leave --changed out',
      { cause: error },
    )
  }
}
