import type { Delivery, Signer, Tolerance, Verdict } from 'postern/webhooks'
import { signerByName } from './signer-by-name.js'

/** A delivery to be judged, as a file or a line tells of it. */
export interface Question {
  readonly provider: string
  readonly secrets: readonly string[]
  readonly delivery: Delivery
  readonly now: Date
  readonly tolerance: Tolerance | null
}

/** What is printed of it. `valid` is `null` where nobody here knows the provider. */
export interface Judgement {
  readonly valid: boolean | null
  readonly reason: string | null
  readonly events: readonly { readonly id: string | null; readonly type: string }[]
}

/**
 * Judges as a webhook would, with two differences: each secret stands for itself, so that one which is none does not hide what
 * another says, and a short one is told of rather than refused, because providers' own pages use such.
 */
export async function judgeDelivery(question: Question, warn: (sentence: string) => void): Promise<Judgement> {
  const make = signerByName(question.provider)
  if (make === undefined) return judged(null, 'provider-unknown')
  const said = question.secrets.filter((secret) => secret.trim() !== '')
  // Anyone could sign with nothing.
  if (said.length < question.secrets.length) warn('A secret is empty: nothing is genuine by it')
  if (said.length === 0) return judged(false, 'secret-empty')
  let best = judged(false, 'secret-malformed')
  for (const secrets of said) {
    const signer = signerOf(question, (options) => make({ secrets, shortSecrets: 'warn', ...options }), warn)
    if (signer === null) continue
    const judgement = toJudgement(await signer.verify(question.delivery, question.now))
    if (judgement.valid === true) return judgement
    // "Too old" says that the signature held, and so more than that it did not.
    if (best.reason === 'secret-malformed' || best.reason === 'signature-mismatch') best = judgement
  }
  return best
}

type Options = { readonly warn: (warning: { readonly message: string }) => void; readonly toleranceSeconds?: Tolerance }

function signerOf(
  { tolerance }: Question,
  make: (options: Options) => Signer,
  tell: (sentence: string) => void,
): Signer | null {
  try {
    const warn = ({ message }: { readonly message: string }) => tell(message)
    const signer = make({ warn })
    // Where no time is signed there is nothing to tolerate.
    return tolerance === null || !signer.signsTime ? signer : make({ warn: () => {}, toleranceSeconds: tolerance })
  } catch (error) {
    // Its sentence names the secret by its place, and does not quote it.
    tell(error instanceof TypeError ? error.message : 'A secret is not of this provider’s kind')
    return null
  }
}

function toJudgement(verdict: Verdict): Judgement {
  if (verdict.kind === 'refused') return judged(false, verdict.reason)
  if (verdict.kind !== 'events') return judged(true, verdict.kind)
  return { valid: true, reason: null, events: verdict.events.map(({ id, type }) => ({ id, type })) }
}

function judged(valid: boolean | null, reason: string): Judgement {
  return { valid, reason, events: [] }
}
