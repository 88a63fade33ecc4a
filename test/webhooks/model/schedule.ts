import { sha256 } from '../../../packages/postern/src/inbox/inbox-row.js'
import { pruneOnce } from '../../../packages/postern/src/inbox/prune.js'
import { replayDelivery } from '../../../packages/postern/src/inbox/replay.js'
import { delivery } from '../../../packages/postern/test/hmac-signer.js'
import { seeded } from '../../support/seeded.js'
import { bankProcess, type BankProcess, type OnCall, type Place, PLACES } from './bank-process.js'
import type { InboxPlace } from './inbox-place.js'
import { Interleaving, Mortal } from './interleaving.js'
import { Reference } from './reference.js'

/** What came of one schedule. */
export interface Ran {
  readonly seed: number
  readonly counts: Readonly<Record<Count, number>>
  /** Where the inbox was not what it may be; and every step until then. */
  readonly differences: readonly string[]
  readonly steps: readonly string[]
}

/** What happened in all of them together. */
export function sumOf(ran: readonly Ran[]): Record<Count, number> {
  const sum = { ...NONE }
  for (const { counts } of ran) for (const count of Object.keys(sum) as Count[]) sum[count] += counts[count]
  return sum
}

type Count = 'steps' | 'deliveries' | 'kills' | 'calls' | 'effects' | 'leaps' | 'replays' | 'prunes'

const NONE: Readonly<Record<Count, number>> = {
  steps: 0,
  deliveries: 0,
  kills: 0,
  calls: 0,
  effects: 0,
  leaps: 0,
  replays: 0,
  prunes: 0,
}
/** Events of a run: few, so that what happens happens to the same ones. */
const EVENTS = 3
const PROCESSES = 2
const MOST_AT_ONCE = 6
const LEAPS_S = [70, 70, 70, -70, 31 * 86_400, 100 * 86_400]

/** One random schedule of deliveries, copies, workers, failures, kills, leaps of the clock, replays and prunes. The seed says which. */
export async function runSchedule(place: InboxPlace, seed: number): Promise<Ran> {
  const run = new Schedule(place, seed)
  try {
    await run.start()
    await run.chaos()
    await run.end()
  } catch (error) {
    if (!(error instanceof Found)) throw error
  } finally {
    await run.leave()
  }
  return run.ran
}

/** A difference was found: nothing after it says anything more. */
class Found extends Error {}

class Schedule {
  readonly #place: InboxPlace
  readonly #seed: number
  readonly #random: () => number
  readonly #interleaving = new Interleaving()
  readonly #reference = new Reference({ unsigned: 'unsigned', blocking: 'blocking' })
  readonly #processes: BankProcess[] = []
  /** Handlers that run, unless their process was killed. */
  readonly #calls: { readonly id: string; readonly by: Mortal }[] = []
  readonly #steps: string[] = []
  readonly #counts = { ...NONE }
  #isCalm = false
  #isOwned = false
  #endpoint: Place = 'plain'
  #born = 0

  constructor(place: InboxPlace, seed: number) {
    this.#place = place
    this.#seed = seed
    this.#random = seeded(seed)
  }

  get ran(): Ran {
    return {
      seed: this.#seed,
      counts: this.#counts,
      differences: [...this.#reference.differences],
      steps: this.#steps,
    }
  }

  async start(): Promise<void> {
    this.#endpoint = this.#oneOf(PLACES)
    this.#isOwned = this.#random() < 0.5
    await this.#place.ownedByWorkers(this.#isOwned)
    while (this.#processes.length < PROCESSES) this.#processes.push(await this.#birth())
  }

  async chaos(): Promise<void> {
    const ticks = 30 + Math.floor(this.#random() * 50)
    for (let tick = 0; tick < ticks; tick += 1) {
      if (this.#interleaving.turns.length > 0 && this.#random() < 0.7) await this.#turn(true)
      else await this.#act()
      await this.#look()
    }
  }

  /** Nobody is killed any more and no handler fails: what can be done is done. Then each event comes once more. */
  async end(): Promise<void> {
    this.#isCalm = true
    await this.#finish()
    for (let round = 0; round < 12 && this.#reference.seen.some(({ status }) => status === 'received'); round += 1) {
      await this.#leap(70)
      this.#work(this.#processes[0]!, 10)
      await this.#finish()
    }
    this.#reference.lookAtTheEnd()
    this.#found()
    for (let event = 0; event < EVENTS; event += 1) {
      this.#deliver(this.#processes[0]!, [event])
      await this.#finish()
    }
    this.#counts.effects = this.#reference.seen.reduce((sum, { effects }) => sum + effects, 0)
  }

  async leave(): Promise<void> {
    await Promise.all(this.#processes.map(({ mortal }) => this.#interleaving.kill(mortal)))
    await this.#place.clear()
  }

  async #finish(): Promise<void> {
    await this.#settled()
    await this.#look()
    while (this.#interleaving.turns.length > 0) {
      await this.#turn(false)
      await this.#look()
    }
  }

  /** One of those that wait has its turn; some are killed before it, some after. */
  async #turn(mayDie: boolean): Promise<void> {
    const turn = this.#oneOf(this.#interleaving.turns)
    const chance = mayDie ? this.#random() : 1
    this.#counts.steps += 1
    if (chance < 0.06) {
      this.#tell(`${turn.told} — killed before`)
      await this.#interleaving.kill(turn.owner)
    } else {
      this.#tell(chance < 0.12 ? `${turn.told} — killed after` : turn.told)
      turn.take(chance < 0.12)
    }
    await this.#settled()
    await this.#bury()
  }

  async #act(): Promise<void> {
    if (this.#interleaving.alive >= MOST_AT_ONCE) return
    const process = this.#oneOf(this.#processes)
    const chance = this.#random()
    if (chance < 0.45) this.#deliver(process, this.#someEvents())
    else if (chance < 0.7) this.#work(process, 1 + Math.floor(this.#random() * 2))
    else if (chance < 0.8) await this.#leap(this.#oneOf(LEAPS_S))
    else if (chance < 0.95) this.#replay(process)
    else this.#prune(process)
    await this.#settled()
  }

  /** One, or a batch of two; where the bytes are what an event is known by, a batch would be an event of its own. */
  #someEvents(): readonly number[] {
    const event = Math.floor(this.#random() * EVENTS)
    return this.#endpoint !== 'unsigned' && this.#random() < 0.15 ? [event, (event + 1) % EVENTS] : [event]
  }

  #deliver({ mortal, handlers }: BankProcess, events: readonly number[]): void {
    const endpoint = this.#endpoint
    const bodies = events.map((event) => ({ id: `e${event}`, type: 'payment.made', data: { event } }))
    const body = bodies.length === 1 ? bodies[0]! : { events: bodies }
    const headers = endpoint === 'unsigned' ? { 'x-acme-id': `${events[0]}-${this.#counts.deliveries}` } : undefined
    const identities = bodies.map(({ id }) => (endpoint === 'unsigned' ? hashOf(body) : `id:${id}`))
    const request = delivery(`/${endpoint}`, body, headers)
    this.#counts.deliveries += 1
    this.#tell(`${mortal.name} is sent ${bodies.map(({ id }) => id).join(' and ')} at ${endpoint}`)
    this.#interleaving.begin(mortal, 'delivery', async () => {
      const { status } = await handlers[endpoint](request)
      this.#reference.look(await this.#place.look())
      this.#reference.answers(
        status,
        identities.map((identity) => `${endpoint} ${identity}`),
        this.#isOwned,
      )
    })
  }

  #work(process: BankProcess, limit: number): void {
    const { mortal } = process
    this.#tell(`${mortal.name} looks for work`)
    this.#interleaving.begin(mortal, 'worker', async () => {
      for (const attempt of await process.takes(limit)) this.#interleaving.begin(mortal, 'attempt', attempt)
    })
  }

  #replay({ mortal, database }: BankProcess): void {
    if (this.#reference.seen.length === 0) return
    const { id, status } = this.#oneOf(this.#reference.seen)
    const force = status === 'succeeded' && this.#random() < 0.3 ? { force: { reason: 'the model says so' } } : {}
    this.#counts.replays += 1
    this.#tell(`${mortal.name} replays ${id}, which is ${status}`)
    if (!('force' in force)) this.#reference.replays(id)
    this.#interleaving.begin(mortal, 'replay', () => replayDelivery(database, id, force))
  }

  #prune({ mortal, database }: BankProcess): void {
    this.#counts.prunes += 1
    this.#tell(`${mortal.name} prunes`)
    this.#reference.prunes()
    this.#interleaving.begin(mortal, 'prune', () => pruneOnce(database, { batch: 2 }))
  }

  async #leap(seconds: number): Promise<void> {
    this.#counts.leaps += 1
    this.#tell(`the clock leaps by ${seconds} s`)
    await this.#place.leap(seconds)
    this.#reference.look(await this.#place.look())
  }

  #called(by: Mortal, id: string, attempt: number): ReturnType<OnCall> {
    this.#counts.calls += 1
    this.#reference.calls(id, attempt)
    const runs = this.#calls.find((call) => call.id === id && !call.by.isDead)
    if (runs !== undefined) this.#reference.runsTwice(id)
    const call = { id, by }
    this.#calls.push(call)
    const over = () => void this.#calls.splice(this.#calls.indexOf(call), 1)
    const chance = this.#isCalm ? 1 : this.#random()
    return { outcome: chance < 0.2 ? 'throws' : chance < 0.25 ? 'never can' : 'succeeds', over }
  }

  async #look(): Promise<void> {
    if (this.#interleaving.hasChanged()) this.#reference.look(await this.#place.look())
    this.#found()
  }

  #found(): void {
    if (this.#reference.differences.length > 0) throw new Found()
  }

  /** Everything waits for its turn or is over. What waits for a lock instead waits for a handler: that is a difference too. */
  async #settled(): Promise<void> {
    for (let tries = 0; !(await this.#interleaving.settled(250)); tries += 1) {
      const waiting = await this.#place.waitsForLock()
      if (waiting !== null && tries > 1) {
        this.#reference.differences.push(`a statement waits for the lock of another’s transaction: ${waiting}`)
        throw new Found()
      }
      if (tries > 240) throw new Error(`Seed ${this.#seed} stands still:\n${this.#steps.slice(-20).join('\n')}`)
    }
  }

  async #bury(): Promise<void> {
    for (const [index, { mortal }] of this.#processes.entries()) {
      if (!mortal.isDead) continue
      this.#counts.kills += 1
      this.#processes[index] = await this.#birth()
    }
  }

  async #birth(): Promise<BankProcess> {
    this.#born += 1
    const mortal = new Mortal(`p${this.#born}`)
    const share = this.#interleaving.connectionsOf(mortal, this.#place.share)
    return bankProcess(mortal, share, (by, id, attempt) => this.#called(by, id, attempt))
  }

  #tell(step: string): void {
    this.#steps.push(step)
  }

  #oneOf<T>(all: readonly T[]): T {
    return all[Math.floor(this.#random() * all.length)]!
  }
}

const hashOf = (body: object) => sha256(Buffer.from(JSON.stringify(body))).toString('hex')
