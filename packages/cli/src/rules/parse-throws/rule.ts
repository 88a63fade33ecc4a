import { handlesErrors } from '../../facts/ask/error-handlers.js'
import { handlerOf } from '../../facts/ask/handled.js'
import { isSent } from '../../facts/ask/is-sent.js'
import { isWebhook } from '../../facts/ask/public-by-nature.js'
import type { ProjectFacts } from '../../facts/project-facts.js'
import type { Fact, LibraryValue } from '../../facts/trace/model.js'
import type { Confidence, EntryPoint, Rule } from '../rule.js'
import { safeEdits } from './safe-edits.js'

/** Wrong input is answered like a fault of the server's. */
export const rule: Rule = {
  title: 'Wrong input is answered like a fault of the server’s',
  severity: 'warning',
  references: ['CWE-248', 'CWE-755', 'API8:2023'],
  *entry({ entry, facts }, project) {
    // A provider that sends something else is told so by any answer that is not 2xx.
    if (isWebhook(entry) || /\b(?:callback|cron)\b/.test(entry.path ?? '')) return
    const confidence = confidenceOf(entry, project)
    const thrown = facts.filter(isThrowing).find(fliesOut)
    if (thrown === undefined || confidence === undefined) return
    yield {
      at: thrown,
      confidence,
      message: `What does not fit the schema throws out of ${entry.symbol}: ${entry.kind === 'action' ? 'the form’s page breaks, and nobody is told which field was wrong' : 'the client is answered 500 for a mistake of its own'}`,
      fix: `${instead(thrown)}, and ${entry.kind === 'action' ? 'return what was wrong' : 'answer 400'} where it fails`,
      trace: thrown.via,
      ...(thrown.library === 'zod' ? { edits: () => safeEdits(thrown, entry) } : {}),
    }
  },
}

type Validation = Extract<Fact, { fact: 'validation' }>

function isThrowing(fact: Fact): fact is Validation {
  return fact.fact === 'validation' && fact.how === 'throws'
}

/** What tells instead of throwing. */
const TELLS: Readonly<Record<string, string>> = {
  zod: 'safeParse',
  valibot: 'safeParse',
  joi: 'validate',
  superstruct: 'validate',
  typebox: 'Check',
  'class-validator': 'validate',
}

function instead({ library }: Validation): string {
  const name = TELLS[library]
  return name === undefined ? 'Catch what does not fit' : `Take ${name}`
}

function fliesOut(fact: Validation): boolean {
  if (handlerOf(fact) !== null || neverThrows(fact.schema)) return false
  // Whoever knows a secret of the server's sends what was agreed on.
  if ([...fact.known.values()].some(({ is }) => is === 'signature-holds' || is === 'secret-known')) return false
  return isSent(fact.value)
}

/** `.catch(1)` takes anything. */
function neverThrows({ path }: LibraryValue): boolean {
  return path.at(-1)?.name === 'catch'
}

function confidenceOf({ kind, framework }: EntryPoint, project: ProjectFacts): Confidence | undefined {
  if (kind === 'page') return undefined
  if (framework === 'next' || framework === 'supabase') return 'high'
  // Frameworks with a handler for all errors may know what to make of it.
  return handlesErrors(project) ? undefined : 'medium'
}
