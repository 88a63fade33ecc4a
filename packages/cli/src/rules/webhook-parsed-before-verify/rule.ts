import type { Rule } from '../rule.js'

/** A signature over bytes is compared with one over a text that was written anew. */
export const rule: Rule = {
  title: 'A webhook verifies a body that it has parsed and written anew',
  severity: 'error',
  references: ['CWE-347', 'API8:2023'],
  *entry({ facts }) {
    for (const fact of facts) {
      const conditions = fact.fact === 'guard' ? fact.conditions : []
      const isParsed =
        (fact.fact === 'verify' && fact.over === 'parsed') ||
        conditions.some((one) => one.is === 'signature-holds' && one.over === 'parsed')
      if (!isParsed) continue
      yield {
        at: fact,
        confidence: 'high',
        message:
          'The signature is checked over JSON that was parsed and written anew: its bytes need not be those that were signed',
        fix: 'Read the body once with request.text() or as bytes, verify that, and parse it afterwards',
        trace: fact.via,
      }
      return
    }
  },
}
