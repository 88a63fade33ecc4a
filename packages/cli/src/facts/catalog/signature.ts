import type { Value } from '../trace/model.js'
import { origin } from '../trace/origin.js'
import { from, originsOf, UNKNOWN } from '../trace/value.js'
import type { LibraryCall } from '../trace/walker.js'
import type { Meaning } from './library.js'

/** Which of what it was called with is what was signed. */
export type SignedPart = (call: LibraryCall) => Value | undefined

export const first: SignedPart = ({ args }) => args[0]

/** What a provider has signed. Where it does not hold, what was called throws. */
export const verifies =
  (library: string, part: SignedPart = first): Meaning =>
  (call) => {
    const { over, event } = noteOf(call, library, part)
    call.walker.learn(call.spot, [{ is: 'signature-holds', over }])
    return event
  }

/** Whether a signature holds: what is told has to be asked for. */
export const tellsWhetherSigned =
  (library: string, part: SignedPart = first): Meaning =>
  (call) => {
    const { over } = noteOf(call, library, part)
    return { kind: 'truth', holds: [{ is: 'signature-holds', over }], fails: [], origins: [] }
  }

function noteOf(call: LibraryCall, library: string, part: SignedPart) {
  const inputs = originsOf(part(call) ?? UNKNOWN).filter((one) => one.from === 'input')
  const over = inputs.some(({ name }) => name.endsWith('#json')) ? 'parsed' : inputs.length > 0 ? 'raw' : 'unknown'
  const source = call.walker.note(call.spot, { fact: 'verify', library, over })
  return { over, event: from(origin({ from: 'signed', name: '', source })) } as const
}
