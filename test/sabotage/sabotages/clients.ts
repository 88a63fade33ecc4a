import type { Sabotage } from '../sabotage.js'

const asked = 'packages/postern/src/stages/run-with-client.test.ts'

/** What holds with a database client of another library. */
export const clients: readonly Sabotage[] = [
  {
    claim: 'With any database client a function is called only for who owns the row',
    sabotage: 'an owns function that finds nothing lets through',
    file: 'stages/own.ts',
    edit: ["if (resource === null || resource === undefined) throw problem('not-found')", ''],
    test: asked,
    by: 'is refused, and nothing runs',
  },
  {
    claim: 'A slot that a database client can’t hold promises nothing',
    sabotage: 'what needs our tables is taken, and does nothing',
    file: 'foreign-fits.ts',
    edit: ['if (!isForeign(database)) return', 'return'],
    test: asked,
    always: true,
  },
  {
    claim: 'A write that may have been done is not called undone',
    sabotage: 'a function whose time is up is told as a timeout',
    file: 'stages/run-with-client.ts',
    edit: ['giveUp = () => reject(unknown(deadline.reason))', 'giveUp = () => {}'],
    test: asked,
    by: 'outlasts its time',
  },
  {
    claim: 'A database that is missing by mistake is missed',
    sabotage: 'a database that is undefined counts as none',
    file: 'foreign-database.ts',
    edit: ["if ('database' in options && (", 'if (false && ('],
    test: asked,
    always: true,
  },
  {
    claim: 'The row that a path names is looked at',
    sabotage: 'a list is shown under a row that nobody asks about',
    file: 'operation-fits.ts',
    edit: ["if ((does.kind !== 'page' && does.kind !== 'create') || does.under", 'if (true || does.under'],
    test: 'packages/postern/src/plan.test.ts',
    always: true,
  },
]
