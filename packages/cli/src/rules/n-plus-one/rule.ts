import { queriesOf } from '../../facts/ask/guarded.js'
import { subjectOf } from '../../facts/ask/subject-of.js'
import type { Rule } from '../rule.js'

/** One query for each row of another. */
export const rule: Rule = {
  title: 'The database is asked once for each of many',
  severity: 'warning',
  references: ['CWE-1073'],
  *entry({ entry, facts }) {
    const query = queriesOf(facts).find(({ loop }) => loop !== null)
    if (query === undefined) return
    yield {
      at: query,
      confidence: 'high',
      message: `${query.table ?? 'The database'} is asked inside a loop`,
      fix: 'Ask once for all: with a list of ids, or a join',
      trace: query.via,
      ...subjectOf(entry, query),
    }
  },
}
