import type { Terminal } from '../terminal.js'

interface Line {
  readonly name: string
  readonly state: 'applied' | 'pending' | 'changed' | 'missing'
  readonly appliedAt: string | null
}

const WORDS = {
  applied: 'applied',
  pending: 'pending',
  changed: 'changed after it was applied',
  missing: 'its file is missing',
} as const

/** Migrations as people read them: one aligned line each. */
export function migrationsTable(migrations: readonly Line[], { paint }: Pick<Terminal, 'paint'>): string[] {
  if (migrations.length === 0) return []
  const name = Math.max('MIGRATION'.length, ...migrations.map((one) => one.name.length))
  const when = 'yyyy-mm-dd hh:mm:ss UTC'.length
  return [
    paint('dim', `${'MIGRATION'.padEnd(name)}  ${'APPLIED'.padEnd(when)}  STATE`),
    ...migrations.map(({ name: title, state, appliedAt }) => {
      const time = appliedAt === null ? '' : `${appliedAt.slice(0, 10)} ${appliedAt.slice(11, 19)} UTC`
      const words = state === 'applied' ? WORDS.applied : paint(state === 'pending' ? 'yellow' : 'red', WORDS[state])
      return `${title.padEnd(name)}  ${time.padEnd(when)}  ${words}`
    }),
  ]
}
