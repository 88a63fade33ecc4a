import { createBackend } from '../../packages/postern/src/backend.js'
import type { Database } from '../../packages/postern/src/database/database.js'
import type { Context } from '../../packages/postern/src/slots.js'
import { Model, type Outcome } from './campaign-model.js'
import { organizationFailures, organizationReads, organizationWrites } from './campaign-organizations.js'
import { Seats } from './campaign-seats.js'
import { failures, type Operation, reads, slow, type Turn, writes } from './campaign-operations.js'
import { seeded } from '../support/seeded.js'
import { call, type Rules, whoever, type World } from './world.js'

export interface CampaignOptions {
  readonly seed: number
  readonly operations: number
  /** The database as requests use it, where it is not the world's own. */
  readonly database?: Database<Rules>
  /** Ends at the first foreign row: a sabotaged build has shown what it is by then. */
  readonly untilFound?: boolean
  /** Told now and then how many operations have begun. */
  readonly onProgress?: (operations: number, foreign: number) => void
}

export interface Campaign {
  readonly operations: number
  readonly rowsSeen: number
  /** Rows of organizations that the reader is a member of. */
  readonly sharedRowsSeen: number
  readonly statuses: Readonly<Record<string, number>>
  /** Rows that came to somebody who does not own them. */
  readonly foreign: readonly string[]
  /** What the table holds and should not, or the other way round. */
  readonly differences: readonly string[]
}

const PRINCIPALS = 50
const WORKERS = 12
const ABORTED = 0.05

/** Requests of fifty principals, as they come, over whatever connections there are. The same seed makes the same choices. */
export async function campaign(world: World, options: CampaignOptions): Promise<Campaign> {
  const database = options.database ?? world.database
  const backend = createBackend({ database, auth: whoever })
  const model = new Model()
  const seats = new Seats()
  await seats.furnish(
    world.database,
    Array.from({ length: PRINCIPALS }, (_, index) => `p${index}`),
  )
  const seen = { own: 0, shared: 0, foreign: [] as string[] }
  const statuses: Record<string, number> = {}
  const turns = new Map<string, { turn: Turn; operation: Operation; threw: boolean }>()

  const run = async ({ db, request }: Context<{}, Rules>) => {
    const current = turns.get(request.headers.get('x-turn')!)!
    try {
      await current.operation(db, current.turn)
    } catch (error) {
      current.threw = true
      throw error
    }
  }
  const handlers = {
    read: backend.endpoint({}, run),
    snapshot: backend.endpoint({ transaction: 'snapshot' }, run),
    write: backend.endpoint({}, run),
    statement: backend.endpoint({ transaction: 'statement' }, run),
  }

  let started = 0
  /** One principal is one worker's, so that their own requests come one after the other and the model knows the order. */
  const worker = async (index: number) => {
    const random = seeded(options.seed * 1_000 + index)
    while (started < options.operations && !(options.untilFound && seen.foreign.length > 0)) {
      const number = (started += 1)
      const me = `p${index + WORKERS * Math.floor(random() * Math.ceil((PRINCIPALS - index) / WORKERS))}`
      const other = `p${(Number(me.slice(1)) + 1 + Math.floor(random() * (PRINCIPALS - 1))) % PRINCIPALS}`
      const named = whereWorking(random, seats, me)
      const turn: Turn = {
        me,
        other,
        random,
        model,
        seen,
        intents: [],
        seats,
        named,
        changed: new Map(),
        settle: [],
      }
      const chosen = choose(random, world.kind)
      const current = { turn, operation: chosen.operation, threw: false }
      turns.set(String(number), current)
      const controller = new AbortController()
      const timer = random() < ABORTED ? setTimeout(() => controller.abort(), random() * 8) : undefined
      const method = chosen.handler === 'read' || chosen.handler === 'snapshot' ? 'GET' : 'POST'
      const request = {
        as: me,
        method,
        headers: { 'x-turn': String(number), ...(named === undefined ? {} : { 'x-organization-id': named }) },
        signal: controller.signal,
      }
      const { status } = await call(handlers[chosen.handler], request)
      clearTimeout(timer)
      turns.delete(String(number))
      const outcome = outcomeOf(status, chosen.handler === 'statement', current.threw)
      model.settle(turn.intents, outcome)
      for (const settle of turn.settle) settle(outcome)
      if (number % 500 === 0) options.onProgress?.(number, seen.foreign.length)
      statuses[status] = (statuses[status] ?? 0) + 1
      if (world.kind === 'postgres' && number % 400 === 0) await world.superuser(TERMINATE_ONE)
    }
  }
  await Promise.all(Array.from({ length: WORKERS }, (_, index) => worker(index)))
  const differences = [...(await model.differences(world.database)), ...(await seats.differences(world.database))]
  return {
    operations: started,
    rowsSeen: seen.own,
    sharedRowsSeen: seen.shared,
    statuses,
    foreign: seen.foreign,
    differences,
  }
}

/** Mostly in an organization that is theirs now and then, sometimes in a strange one, in none that exists, or nowhere. */
function whereWorking(random: () => number, seats: Seats, me: string): string | undefined {
  const chance = random()
  const range = seats.rangeOf(me)
  if (chance < 0.4) return range[Math.floor(random() * range.length)]
  if (chance < 0.5) return seats.organizations[Math.floor(random() * seats.organizations.length)]
  return chance < 0.52 ? '999999999' : undefined
}

type HandlerName = 'read' | 'snapshot' | 'write' | 'statement'

type Operations = Readonly<Record<string, Operation>>

function choose(random: () => number, kind: World['kind']): { operation: Operation; handler: HandlerName } {
  const chance = random()
  const both = (users: Operations, organizations: Operations) => (random() < 0.5 ? users : organizations)
  const one = (of: Readonly<Record<string, Operation>>) =>
    Object.values(of)[Math.floor(random() * Object.keys(of).length)]!
  if (chance < 0.003 && kind === 'postgres') return { operation: one(slow), handler: 'write' }
  if (chance < 0.08) return { operation: one(both(failures, organizationFailures)), handler: 'write' }
  if (chance < 0.45)
    return { operation: one(both(writes, organizationWrites)), handler: random() < 0.8 ? 'write' : 'statement' }
  return { operation: one(both(reads, organizationReads)), handler: random() < 0.8 ? 'read' : 'snapshot' }
}

/** A function that threw leaves nothing, unless each of its statements was a transaction of its own. */
function outcomeOf(status: number, eachStatement: boolean, threw: boolean): Outcome {
  if (status < 300) return 'done'
  return threw && !eachStatement ? 'nothing' : 'unsure'
}

const TERMINATE_ONE = `select pg_terminate_backend(pid) from pg_stat_activity
  where datname = current_database() and usename = 'test_app' order by random() limit 1`
