import { writeFile } from 'node:fs/promises'
import { startPostgres } from '../test/support/postgres-server.js'
import { Load } from './load.js'
import { progress, runProgram } from './program.js'
import type { Started } from './started.js'
import { benchmarkDeliveries } from './webhooks/benchmark-deliveries.js'
import { prepareDeliveryData } from './webhooks/delivery-data.js'
import { DELIVERY_HELP, readDeliveryOptions } from './webhooks/delivery-options.js'
import { deliveryTable } from './webhooks/delivery-result.js'

process.exit(await runProgram((started) => run(process.argv.slice(2), started)))

async function run(args: readonly string[], started: Started): Promise<string> {
  const options = readDeliveryOptions(args)
  if (options.help) return DELIVERY_HELP
  progress('starting PostgreSQL')
  const starting = startPostgres(undefined, options.fsync ? ['fsync=on'] : [])
  started.add({ stop: () => starting.then((postgres) => postgres.stop()) })
  const postgres = await starting
  const data = await prepareDeliveryData(postgres.adminUrl)
  started.add({ stop: () => data.close() })
  const load = started.add(new Load())
  const result = await benchmarkDeliveries({ options, data, load, started, progress })
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(result, null, 2)}\n`)
  return deliveryTable(result)
}
