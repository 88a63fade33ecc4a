import { resolve as absolute } from 'node:path'
import { CommanderError } from 'commander'
import { explain } from './errors.js'
import type { Watch } from './facts/source/watch.js'
import { parse, type Run } from './program.js'
import { openTerminal, tell } from './terminal.js'

/** Runs one command and ends the process: 0 done, 1 findings, 2 used wrongly or failed. */
export async function main(words: readonly string[], watch?: Watch): Promise<void> {
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
    let chosen: Run | undefined
    let cwd = '.'
    parse(words, (run, directory) => {
      chosen = run
      cwd = directory
    })
    const watched = watch === undefined ? {} : { watch }
    const code = await chosen?.({ cwd: absolute(cwd), environment: process.env, terminal, ...watched })
    if (code === 'serving') process.off('uncaughtException', fail)
    else await end(code ?? 0)
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return
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
