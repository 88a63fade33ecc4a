import { stripVTControlCharacters } from 'node:util'
import { UsageError } from '../errors.js'

/**
 * Runs drizzle-kit, which is made for its own terminal: it prints, asks questions, and ends the process where a name is
 * used twice. Its words become an error, and it finds no terminal to ask at.
 */
export async function quietly<T>(work: () => T | Promise<T>): Promise<T> {
  const { log, warn, error } = console
  const { exit } = process
  const said: string[] = []
  const listen = (...words: unknown[]) => void said.push(words.map(String).join(' '))
  Object.assign(console, { log: listen, warn: listen, error: listen })
  const stdin = Object.getOwnPropertyDescriptor(process.stdin, 'isTTY')
  Object.defineProperty(process.stdin, 'isTTY', { value: false, configurable: true })
  process.exit = () => {
    throw new UsageError(
      plain(said.join(' ')) || 'drizzle-kit refuses this schema',
      'Correct the schema and run it again',
    )
  }
  try {
    return await work()
  } catch (problem) {
    if (!(problem instanceof Error) || !/interactive prompts/i.test(problem.message)) throw problem
    const hint = 'Write the SQL by hand: postern migrate new --empty'
    throw new UsageError('Something in the schema may have been renamed, and that cannot be told apart', hint, {
      cause: problem,
    })
  } finally {
    Object.assign(console, { log, warn, error })
    process.exit = exit
    if (stdin === undefined) Reflect.deleteProperty(process.stdin, 'isTTY')
    else Object.defineProperty(process.stdin, 'isTTY', stdin)
  }
}

const plain = (text: string) => stripVTControlCharacters(text).replace(/\s+/g, ' ').trim()
