import type { Catch, Fact, Value } from '../../facts/trace/model.js'
import { handlerOf } from '../../facts/ask/handled.js'
import { isWebhook } from '../../facts/ask/public-by-nature.js'
import type { EntryPoint, Rule } from '../rule.js'

/** Work that may fail, and nobody has said what then. */
export const rule: Rule = {
  title: 'Nothing catches what may fail here',
  severity: 'warning',
  references: ['CWE-755'],
  *entry({ entry, facts, catches, isFollowed }) {
    if (entry.kind !== 'endpoint' || entry.framework !== 'next' || isWebhook(entry)) return
    const open = facts.find((fact) => isWork(fact) && handlerOf(fact) === null)
    if (open === undefined) return
    yield {
      at: open,
      // One that guards some of its work, and leaves something before it, is better than nothing.
      confidence:
        isFollowed && !catches.some((one) => one.tried.some(isWork) && isInside(one, entry)) ? 'high' : 'medium',
      message: `${entry.symbol} waits for ${open.fact === 'query' ? 'the database' : 'somebody else'}, and nothing catches what goes wrong there`,
      fix: 'Put the work into a guard that logs the error and answers a generic one',
      trace: open.via,
    }
  },
}

function isWork(fact: Fact): boolean {
  return fact.fact === 'query' || (fact.fact === 'outside' && !fact.args.some(isRequest))
}

/** What is given the request as it came, by itself or among its options, answers it, and what goes wrong in there too. */
function isRequest(value: Value): boolean {
  if (value.kind === 'object')
    return [...value.properties.values()].some((one) => one.kind === 'library' && isRequest(one))
  return (
    value.kind === 'library' && value.package === 'web' && value.path.length === 1 && value.path[0]!.name === 'Request'
  )
}

function isInside({ node, file }: Catch, { spot }: EntryPoint): boolean {
  return spot.file === file && spot.node.start <= node.start && node.end <= spot.node.end
}
