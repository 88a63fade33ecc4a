import { writeFile } from 'node:fs/promises'
import { startPostgres } from '../test/support/postgres-server.js'
import { benchmark } from './benchmark.js'
import { buildNext } from './build-next.js'
import { prepareData } from './data.js'
import { Load } from './load.js'
import { BadOption, HELP, type Options, readOptions } from './options.js'
import type { BenchResult } from './result.js'
import { Started } from './started.js'
import { tableOf } from './table.js'

process.exit(await main(process.argv.slice(2)))

/** Runs the benchmark; the answer is how the process ends: 0, 1 where it broke, 2 for a wrong option, 130 when interrupted. */
async function main(args: readonly string[]): Promise<number> {
  const started = new Started()
  const interrupted = new Promise<130>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => resolve(130))
  })
  try {
    const options = readOptions(args)
    if (options.help) return say(HELP)
    const running = run(options, started)
    // Interrupted, it fails at what is taken from under it, and nobody waits for it any more.
    running.catch(() => {})
    const result = await Promise.race([running, interrupted])
    progress('')
    return result === 130 ? result : say(tableOf(result))
  } catch (error) {
    progress('')
    const isBadOption = error instanceof BadOption
    process.stderr.write(`${isBadOption ? error.message : (error as Error).stack}\n`)
    return isBadOption ? 2 : 1
  } finally {
    await started.stopAll()
  }
}

async function run(options: Options, started: Started): Promise<BenchResult> {
  await buildNext(options.only, progress)
  progress('starting PostgreSQL')
  const starting = startPostgres()
  started.add({ stop: () => starting.then((postgres) => postgres.stop()) })
  const postgres = await starting
  progress('filling the tables')
  const data = await prepareData(postgres.adminUrl)
  started.add({ stop: () => data.close() })
  const load = started.add(new Load())
  const result = await benchmark({ options, data, load, started, progress })
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(result, null, 2)}\n`)
  return result
}

function say(text: string): 0 {
  process.stdout.write(text)
  return 0
}

/** One line that is written over again, where somebody watches. */
function progress(words: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001B[K${words}`)
}
