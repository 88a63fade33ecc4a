import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { ServerName } from './result.js'

const run = promisify(execFile)

/** Builds the Next.js projects among what is to be measured, Postern before them: they take its packages as they are installed. */
export async function buildNext(names: readonly ServerName[], progress: (words: string) => void): Promise<void> {
  const projects = names.filter((name) => name.startsWith('next-')).map((name) => name.slice('next-'.length))
  if (projects.length === 0) return
  const root = `${process.env['BENCH_NEXT']}/../..`
  const env = { ...process.env, NEXT_TELEMETRY_DISABLED: '1', NODE_ENV: 'production', NODE_OPTIONS: '' }
  progress('building postern')
  await run(process.execPath, ['node_modules/typescript/bin/tsc', '-b', 'packages/postern'], { cwd: root, env })
  for (const project of projects) {
    progress(`next build of ${project}`)
    await run(process.execPath, ['node_modules/next/dist/bin/next', 'build', `bench/next/${project}`], {
      cwd: root,
      env,
    })
  }
}
