import { cp, mkdir, rm } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { compile } from '../project/compile.js'
import type { Context } from '../project/context.js'
import { enterProject } from '../project/enter.js'
import { builtEntry } from '../project/entries.js'

/** `postern build`: a `dist/` that runs with `node dist/server.js` and needs the project's own dependencies, no more. */
export async function build(context: Context): Promise<void> {
  const started = performance.now()
  const project = await enterProject(context)
  const dist = join(project.directory, 'dist')
  const runner = fileURLToPath(new URL('./built-server.js', import.meta.url))
  await compile({ project, outfile: join(dist, 'server.js'), entry: () => builtEntry(project, runner) })
  await copyMigrations(project.migrationsDirectory, join(dist, 'migrations'))
  context.terminal.print(
    `Built dist/server.js in ${Math.round(performance.now() - started)} ms; run it with node dist/server.js`,
  )
}

/** The SQL without the snapshots: those are for making migrations, not for applying them. */
async function copyMigrations(from: string, to: string): Promise<void> {
  await rm(to, { recursive: true, force: true })
  await mkdir(to, { recursive: true })
  if (!existsSync(from)) return
  await cp(from, to, { recursive: true, filter: (source) => basename(source) !== 'meta' })
}
