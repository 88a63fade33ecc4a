import { writeFile } from 'node:fs/promises'
import { startPostgres } from '../test/support/postgres-server.js'
import { benchmark } from './benchmark.js'
import { buildNext } from './build-next.js'
import { prepareData } from './data.js'
import { Load } from './load.js'
import { HELP, readOptions } from './options.js'
import { progress, runProgram } from './program.js'
import type { Started } from './started.js'
import { tableOf } from './table.js'

process.exit(await runProgram((started) => run(process.argv.slice(2), started)))

async function run(args: readonly string[], started: Started): Promise<string> {
  const options = readOptions(args)
  if (options.help) return HELP
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
  return tableOf(result)
}
