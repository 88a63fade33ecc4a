import type { Connections, HeldConnection } from '../../packages/postern/src/database/connections.js'
import type { Share } from '../../packages/postern/src/database/registry.js'
import type { Statement } from '../../packages/postern/src/database/statement.js'

/** A step of the protocol, and at which moment of it a process dies. */
export interface Death {
  readonly step: Step
  /** `during`: its statements are on their way, and nobody knows what became of them. */
  readonly when: 'before' | 'during' | 'after'
}

/** By a text that the step's statements have and no other. */
const STEPS = {
  store: /^insert into postern\.webhook_inbox/,
  claim: /^with due as/,
  lock: /for no key update skip locked$/,
  effect: /insert into "entries"/,
  mark: /pg_current_xact_id\(\)::text = \$2 then 'succeeded'/,
  record: /power\(2, least\(attempts, 30\)/,
} as const

type Step = keyof typeof STEPS

/** The same connections, of which one use ends the process by SIGKILL: it gets to say nothing. */
export function dying({ connections, close }: Share, death: Death): Share {
  const acquire: Connections['acquire'] = async (waitMs, stop) => mortal(await connections.acquire(waitMs, stop), death)
  const watched = new Proxy(connections, {
    get: (target, name) => {
      if (name === 'acquire') return acquire
      const value = Reflect.get(target, name) as unknown
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
  return { connections: watched, close }
}

function mortal(held: HeldConnection, { step, when }: Death): HeldConnection {
  return {
    get idle() {
      return held.idle
    },
    cancel: () => held.cancel(),
    release: (broken) => held.release(broken),
    async batch(statements) {
      if (!statements.some((statement) => isOf(step, statement))) return held.batch(statements)
      if (when === 'before') die()
      const sent = held.batch(statements)
      if (when === 'during') {
        // Written to the socket in this turn; the answer is not waited for.
        setImmediate(die)
        return new Promise(() => {})
      }
      const result = await sent
      if (when === 'after') die()
      return result
    },
  }
}

function isOf(step: Step, { text }: Statement): boolean {
  return STEPS[step].test(text) && !(step === 'lock' && !text.startsWith('select status'))
}

function die(): void {
  process.kill(process.pid, 'SIGKILL')
}
