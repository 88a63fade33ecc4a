import { resolve as absolute } from 'node:path'
import { explain } from './errors.js'
import type { Context } from './project/context.js'
import type { Run } from './program.js'
import { openTerminal, tell } from './terminal.js'

/** Runs one command and ends the process: 0 done, 1 findings, 2 used wrongly or failed. */
export async function main(
  words: readonly string[],
  attended: Pick<Context, 'watch' | 'surveyed'> = {},
): Promise<void> {
  const terminal = openTerminal(process.env, process)
  // `postern routes | head -1` closes the pipe early, and that is no failure.
  process.stdout.on('error', () => process.exit(0))
  const fail = async (error: unknown) => {
    tell(terminal, explain(error))
    if (wantsStack(words)) terminal.note(String((error as Error | undefined)?.stack ?? error))
    await end(2)
  }
  // What the project's code throws with nobody waiting for it is its mistake like any other, until it is a server.
  process.once('uncaughtException', fail)
  try {
    // It starts another process with the same words, and need not understand them: that would cost it a tenth of its time.
    if (attended.watch === undefined && words[0] === 'check')
      return await end(await (await import('./supervise.js')).supervise(words))
    const { parse } = await import('./program.js')
    let chosen: Run | undefined
    let cwd = '.'
    parse(words, (run, directory) => {
      chosen = run
      cwd = directory
    })
    const code = await chosen?.({ cwd: absolute(cwd), environment: process.env, terminal, ...attended })
    if (code === 'serving') process.off('uncaughtException', fail)
    else await end(code ?? 0)
  } catch (error) {
    if (isAnswered(error)) return
    await fail(error)
  }
}

/** At once, when all is written: what a project left open (a timer, a pool) must not keep a command alive. */
async function end(code: number): Promise<void> {
  await new Promise((resolve) => process.stdout.write('', resolve))
  await new Promise((resolve) => process.stderr.write('', resolve))
  process.exit(code)
}

function wantsStack(words: readonly string[]): boolean {
  return words.includes('--verbose') || (process.env.DEBUG ?? '').split(',').includes('postern')
}

/** Commander throws after `--help` and `--version` too. */
function isAnswered(error: unknown): boolean {
  const { code, exitCode } = error as { code?: unknown; exitCode?: unknown }
  return typeof code === 'string' && code.startsWith('commander.') && exitCode === 0
}
