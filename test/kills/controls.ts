import type { Sabotage } from '../sabotage/sabotage.js'
import { buildProgram } from './build-program.js'
import { type KillReport, killRun } from './kill-run.js'
import { postgresPlace } from './place.js'

/** A broken build, or a PostgreSQL that answers too early: the same run must find what it loses or doubles. */
export interface Control {
  readonly claim: string
  readonly sabotage: string
  readonly finds: 'lost' | 'doubled'
  readonly dies: 'server' | 'postgres'
  readonly edit?: Pick<Sabotage, 'file' | 'edit'>
}

const COMMIT = 'unit.commit({ identity: SERVICE, statements: store(key, reply, keepHours) })'

export const controls: readonly Control[] = [
  {
    claim: 'What was acknowledged survives a crash of PostgreSQL',
    sabotage: '`synchronous_commit = off` for the login',
    finds: 'lost',
    dies: 'postgres',
  },
  {
    claim: 'What was acknowledged survives the death of the server',
    sabotage: 'the answer leaves 200 ms before COMMIT',
    finds: 'lost',
    dies: 'server',
    edit: {
      file: 'stages/run-once.ts',
      edit: [`await ${COMMIT}`, `unit.close = async () => {}; setTimeout(() => void ${COMMIT}.catch(() => {}), 200)`],
    },
  },
  {
    claim: 'A key that is sent again has its effect once',
    sabotage: 'dedupe off: the stored reply is neither looked for nor kept',
    finds: 'doubled',
    dies: 'server',
    edit: {
      file: 'stages/execute.ts',
      edit: ['if (idempotency !== undefined) return await runOnce(call, { unit, idempotency }, run)', ''],
    },
  },
]

/** The run that a control must not pass. Only whole crashes: a session that is killed alone takes nothing with it. */
export async function runControl(
  root: string,
  { claim, sabotage, dies, edit }: Control,
  seed: number,
): Promise<KillReport> {
  const program = await buildProgram(root, edit && { claim, sabotage, test: 'test/kills', ...edit })
  try {
    const place = await postgresPlace({ asynchronous: edit === undefined })
    try {
      return await killRun({ place, program: program.file, seed, kills: 2, dies, writes: 300, onlyCrashes: true })
    } finally {
      await place.remove()
    }
  } finally {
    await program.remove()
  }
}

/** Whether a run found what it had to, and how much of it. */
export function caughtBy({ finds }: Control, report: KillReport): number {
  return report[finds].length
}
