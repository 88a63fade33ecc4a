import { resolve } from 'node:path'
import { CommanderError } from 'commander'
import { explain } from './errors.js'
import { parse } from './program.js'
import type { Context } from './project/context.js'
import { openTerminal, tell } from './terminal.js'

/** Runs one command and sets the process's exit code: 0 done, 2 used wrongly or failed. */
export async function main(words: readonly string[]): Promise<void> {
  const terminal = openTerminal(process.env, process)
  try {
    let chosen: ((context: Context) => Promise<number | void>) | undefined
    let cwd = '.'
    parse(words, (run, directory) => {
      chosen = run
      cwd = directory
    })
    process.exitCode = (await chosen?.({ cwd: resolve(cwd), environment: process.env, terminal })) ?? 0
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return
    tell(terminal, explain(error))
    if (wantsStack(words)) terminal.note(String((error as Error | undefined)?.stack ?? error))
    // At once: what a broken project left open (a timer, a pool) must not keep the command alive.
    process.exit(2)
  }
}

function wantsStack(words: readonly string[]): boolean {
  return words.includes('--verbose') || (process.env.DEBUG ?? '').split(',').includes('postern')
}
