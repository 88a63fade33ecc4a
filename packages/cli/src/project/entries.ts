import { existsSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import type { RouteFile } from 'postern/server'
import { actionFiles } from './action-files.js'
import type { Project } from './find-project.js'

export type { RouteFile }

/** What of a project a verb wants loaded beside its backend. */
export interface Parts {
  readonly routes: boolean
  /** The files of its server actions: only to list them, because nothing but a framework can call them. */
  readonly actions?: boolean
}

/** The file that imports what runs beside requests. It defines by being loaded; its exports are nobody's. */
export const WORKERS_FILE = 'backend.workers.ts'

/**
 * The module that a verb loads: the backend, and what works on it. Its routes and `backend.workers.ts` too, where the verb serves
 * or lists them: a broken one must not stand in the way of a migration.
 */
export async function projectEntry(project: Project, parts: Parts): Promise<string> {
  const routes = parts.routes ? await routeFiles(project) : []
  const actions = parts.actions === true ? await actionFiles(project.directory) : []
  return [
    ...importsOf(project, routes, parts.routes),
    ...actions.map((file, index) => `import * as action${index} from ${JSON.stringify(`./${file}`)}`),
    // From here and not from the command's own packages: the project decides which version it runs on.
    `export { createApp, serve, work } from 'postern/server'`,
    `export { applyMigrations, pendingMigrations } from 'postern/database'`,
    `export const backend = project['backend']`,
    `export const routes = ${routesLiteral(routes)}`,
    `export const actions = [${actions.map((file, index) => `{ file: ${JSON.stringify(file)}, module: action${index} }`).join(', ')}]`,
    project.seedFile === undefined ? 'export const seed = undefined' : `export const seed = () => import('./seed.ts')`,
  ].join('\n')
}

/** The module that `node dist/server.js` runs. `postern:runner` is the file of ours that is bundled into it. */
export async function builtEntry(project: Project): Promise<string> {
  const routes = await routeFiles(project)
  return [
    ...importsOf(project, routes, true),
    `import { serve, work } from 'postern/server'`,
    `import { applyMigrations, pendingMigrations } from 'postern/database'`,
    `import { runBuiltServer } from 'postern:runner'`,
    `const routes = ${routesLiteral(routes)}`,
    `const migrations = new URL('./migrations', import.meta.url)`,
    `runBuiltServer({ backend: project['backend'], routes, serve, work, applyMigrations, pendingMigrations }, migrations)`,
  ].join('\n')
}

/** The routes, with files relative to the project. */
async function routeFiles(project: Project): Promise<readonly RouteFile[]> {
  const { findRoutes } = await import('postern/server')
  const found = await findRoutes(project.directory)
  // As a person names them in the project, and the same on every machine: they stand in what is built.
  return found.map((route) => ({ ...route, file: relative(project.directory, route.file).split(sep).join('/') }))
}

function importsOf(project: Project, routes: readonly RouteFile[], serves: boolean): string[] {
  const works = serves && existsSync(join(project.directory, WORKERS_FILE))
  return [
    `import * as project from './backend.ts'`,
    ...(works ? [`import './${WORKERS_FILE}'`] : []),
    ...routes.map(({ file }, index) => `import * as route${index} from ${JSON.stringify(`./${file}`)}`),
  ]
}

function routesLiteral(routes: readonly RouteFile[]): string {
  return `[${routes.map((route, index) => `{ ...${JSON.stringify(route)}, module: route${index} }`).join(',\n')}]`
}
