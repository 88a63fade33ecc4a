import type { Sabotage } from '../sabotage.js'

const copies = 'packages/postern/src/every-backend.test.ts'
const starts = 'packages/postern/src/next/prepare-backend.test.ts'

/** What holds under Next.js, which loads one module several times and goes on where a start has failed. */
export const underNext: readonly Sabotage[] = [
  {
    claim: 'A failure is in the log, whichever copy of a backend it happened in',
    sabotage: 'a backend tells its own observers alone',
    file: 'backend.ts',
    edit: ['events.observe(tellEveryObserver)', ''],
    test: copies,
  },
  {
    claim: 'Code that is loaded again writes no line twice',
    sabotage: 'each observer is kept beside the one of its name',
    file: 'every-backend.ts',
    edit: ['observers().set(name, observer)', 'observers().set(`${name} ${Math.random()}`, observer)'],
    test: copies,
  },
  {
    claim: 'A server never meets a database that lacks a migration',
    sabotage: 'under Next.js pending migrations are passed over',
    file: 'next/prepare-backend.ts',
    edit: ['    await refusePending(database, migrations)', ''],
    test: starts,
  },
  {
    claim: 'A server that cannot do its work ends',
    sabotage: 'what keeps it from starting is thrown to Next.js, which answers 500 for ever',
    file: 'next/prepare-backend.ts',
    edit: ["if (process.env['NODE_ENV'] === 'production') endProcess(error)", ''],
    test: starts,
  },
]
