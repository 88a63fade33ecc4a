import { named, namesOf, numberOf, readArguments, whole } from './read-arguments.js'
import { SERVERS, type ServerName, USUAL } from './result.js'

export interface Options {
  readonly json?: string
  readonly seconds: number
  readonly warmUpSeconds: number
  readonly rounds: number
  readonly only: readonly ServerName[]
  readonly latencyMs: number
  readonly connections: number
  readonly cpuProfiles?: string
  readonly help: boolean
}

export const HELP = `npm run bench -- [options]

  --json FILE        write the result for machines
  --seconds N        how long each route is measured, each time (default 5)
  --warm-up N        how long warming up may take before each measurement, in seconds (default 60; 10,000 answers are enough)
  --rounds N         how often everything is measured; medians are told (default 3)
  --only NAME,…      ${USUAL.join(', ')},
                     and only where they are named: next-postern, next-prisma
  --latency MS       put the database this far away, there and back (default 0)
  --connections N    clients that ask at the same time (default 32)
  --cpu-prof DIR     write a CPU profile of each server's each run
`

/** Reads the command line. Throws `BadOption`. */
export function readOptions(args: readonly string[]): Options {
  const values = readArguments(args, OPTIONS, 'npm run bench -- --help')
  return {
    ...(values.json === undefined ? {} : { json: named('json', values.json) }),
    ...(values['cpu-prof'] === undefined ? {} : { cpuProfiles: named('cpu-prof', values['cpu-prof']) }),
    seconds: numberOf('seconds', values.seconds, 1, 600),
    warmUpSeconds: numberOf('warm-up', values['warm-up'], 0.1, 600),
    rounds: whole('rounds', values.rounds, 1, 100),
    only: values.only === undefined ? USUAL : namesOf(values.only, SERVERS),
    latencyMs: numberOf('latency', values.latency, 0, 1000),
    connections: whole('connections', values.connections, 1, 1000),
    help: values.help,
  }
}

const OPTIONS = {
  json: { type: 'string' },
  seconds: { type: 'string', default: '5' },
  'warm-up': { type: 'string', default: '60' },
  rounds: { type: 'string', default: '3' },
  only: { type: 'string' },
  latency: { type: 'string', default: '0' },
  connections: { type: 'string', default: '32' },
  'cpu-prof': { type: 'string' },
  help: { type: 'boolean', default: false },
} as const
