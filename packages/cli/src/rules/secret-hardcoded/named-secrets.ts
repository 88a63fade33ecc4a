import { outsideComments, textMatches } from '../../facts/source/code-matches.js'
import type { SourceFile } from '../../facts/source/source-file.js'
import type { Found } from './found.js'

/** A text that could be a key. */
const TEXT = /(["'`])([A-Za-z0-9+/=_-]{24,200})\1/g

/** `const API_TOKEN = `, before it: a name that ends like a secret's. */
const NAME =
  /(\w*(?:secret|token|password|passwd|api_?key|private_?key|access_?key|secret_?key))["']?\s*(?::\s*string\s*)?[:=]\s*$/i

/** How far before a text its name may stand. */
const NEAR = 100

/** Texts that look rolled under the name of a secret. */
export function namedSecrets(file: SourceFile): Found[] {
  const named = textMatches(file, TEXT).flatMap((match) => {
    const { start } = match.node
    const name = NAME.exec(file.text.slice(Math.max(0, start - NEAR), start))?.[1]
    return name === undefined || !looksRandom(match.groups[1]!) ? [] : [{ ...match, name }]
  })
  return outsideComments(file, named).map((match): Found => [
    match,
    'medium',
    `${match.name} holds what looks like a secret, and so does every copy of the code`,
  ])
}

/** Keys that browsers are given, as their providers name them: PostHog's, Stripe's, Google's, Supabase's. */
const PUBLIC = /^(?:phc_|pk_|pub|AIza|sb_publishable_|public)/

/** Bits a character of a text that nobody has thought up; words of a language have about 3. */
const LEAST_BITS = 3.4

/** Whether a text was rolled: letters and digits without order, and no words between dashes. */
export function looksRandom(text: string): boolean {
  if (PUBLIC.test(text)) return false
  if (!/\d/.test(text) || !/[A-Za-z]/.test(text) || bitsOf(text) < LEAST_BITS) return false
  return !text.split(/[-_]/).some((part) => /^[a-z]{4,}$|^[A-Z]{4,}$|^[A-Z]?[a-z]{5,}$/.test(part))
}

/** Shannon's entropy of its characters. */
function bitsOf(text: string): number {
  const counts = new Map<string, number>()
  for (const one of text) counts.set(one, (counts.get(one) ?? 0) + 1)
  return -[...counts.values()].reduce((sum, count) => sum + (count / text.length) * Math.log2(count / text.length), 0)
}
