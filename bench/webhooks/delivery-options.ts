import { named, namesOf, numberOf, readArguments, whole } from '../read-arguments.js'
import { DELIVERY_SERVERS, type DeliveryServer } from './delivery-result.js'

export interface DeliveryOptions {
  readonly json?: string
  readonly seconds: number
  readonly warmUpSeconds: number
  readonly rounds: number
  readonly only: readonly DeliveryServer[]
  readonly connections: number
  readonly fsync: boolean
  readonly cpuProfiles?: string
  readonly help: boolean
}

export const DELIVERY_HELP = `npm run bench:webhooks -- [options]

  --json FILE        write the result for machines
  --seconds N        how long each server is measured, each time (default 5)
  --warm-up N        how long warming up may take before each measurement, in seconds (default 60; 10,000 answers are enough)
  --rounds N         how often everything is measured; medians are told (default 3)
  --only NAME,…      ${DELIVERY_SERVERS.join(', ')}
  --connections N    providers that deliver at the same time (default 32)
  --fsync            let PostgreSQL wait for the disk with each commit
  --cpu-prof DIR     write a CPU profile of each server's each run
`

/** Reads the command line. Throws `BadOption`. */
export function readDeliveryOptions(args: readonly string[]): DeliveryOptions {
  const values = readArguments(args, OPTIONS, 'npm run bench:webhooks -- --help')
  return {
    ...(values.json === undefined ? {} : { json: named('json', values.json) }),
    ...(values['cpu-prof'] === undefined ? {} : { cpuProfiles: named('cpu-prof', values['cpu-prof']) }),
    seconds: numberOf('seconds', values.seconds, 1, 60),
    warmUpSeconds: numberOf('warm-up', values['warm-up'], 0.1, 600),
    rounds: whole('rounds', values.rounds, 1, 100),
    only: values.only === undefined ? DELIVERY_SERVERS : namesOf(values.only, DELIVERY_SERVERS),
    connections: whole('connections', values.connections, 1, 1000),
    fsync: values.fsync,
    help: values.help,
  }
}

const OPTIONS = {
  json: { type: 'string' },
  seconds: { type: 'string', default: '5' },
  'warm-up': { type: 'string', default: '60' },
  rounds: { type: 'string', default: '3' },
  only: { type: 'string' },
  connections: { type: 'string', default: '32' },
  fsync: { type: 'boolean', default: false },
  'cpu-prof': { type: 'string' },
  help: { type: 'boolean', default: false },
} as const
