import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { cp, mkdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { explain, UsageError } from '../errors.js'
import { compile } from '../project/compile.js'
import type { Context } from '../project/context.js'
import { enterProject } from '../project/enter.js'
import { builtEntry } from '../project/entries.js'
import type { Project } from '../project/find-project.js'
import { compileProject, importProject, ThrownWhileLoaded } from '../project/load.js'
import { refuseUnsettled } from '../project/refuse-unsettled.js'

/** `postern build`: a `dist/` that runs with `node dist/server.js` and needs the project's own dependencies, no more. */
export async function build(context: Context): Promise<void> {
  const started = performance.now()
  const project = await enterProject(context)
  await refuseApart(context, project)
  const dist = join(project.directory, 'dist')
  const runner = fileURLToPath(new URL('./built-server.js', import.meta.url))
  await compile({ project, outfile: join(dist, 'app.js'), entry: () => builtEntry(project), runner })
  writeFileSync(join(dist, 'server.js'), SERVER)
  // `npm init -y` calls a project CommonJS; Node asks the nearest package.json what a `.js` file is.
  writeFileSync(join(dist, 'package.json'), '{ "type": "module" }\n')
  // What an earlier version left: the map of a file that is now without one.
  rmSync(join(dist, 'server.js.map'), { force: true })
  await copyMigrations(project.migrationsDirectory, join(dist, 'migrations'))
  context.terminal.print(
    `Built dist/server.js in ${Math.round(performance.now() - started)} ms; run it with node dist/server.js`,
  )
}

// Two files, because Node reads the map of a module when it loads it, and only if maps are on by then.
const SERVER = [
  `process.setSourceMapsEnabled(true)`,
  `await import('./app.js').catch((error) => {`,
  `  // Made for people: a sentence, and what to do next.`,
  `  if (typeof error?.hint !== 'string') throw error`,
  '  console.error(`postern: ${error.message}\\n  ${error.hint}`)',
  `  process.exit(2)`,
  `})`,
  ``,
].join('\n')

/**
 * As `start` does. The machine that builds may lack what the backend reads when it loads (a secret, in a container's build);
 * that is said, and the build goes on, because what it writes does not depend on it.
 */
async function refuseApart({ terminal }: Context, project: Project): Promise<void> {
  const file = await compileProject(project, 'build', { routes: false })
  const loaded = await importProject(project, file).catch((error: unknown) => {
    // Ours are about the project's files. The rest the backend said itself, when it was run.
    if (error instanceof UsageError && !(error instanceof ThrownWhileLoaded)) throw error
    terminal.note(`The schema was not compared with the migrations: ${explain(error).sentence}`)
  })
  if (loaded !== undefined) await refuseUnsettled(project, loaded.backend)
}

/** The SQL without the snapshots: those are for making migrations, not for applying them. */
async function copyMigrations(from: string, to: string): Promise<void> {
  rmSync(to, { recursive: true, force: true })
  await mkdir(to, { recursive: true })
  if (!existsSync(from)) return
  await cp(from, to, { recursive: true, filter: (source) => basename(source) !== 'meta' })
}
