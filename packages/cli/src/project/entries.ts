import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { RouteFile } from 'postern/server'
import type { Project } from './find-project.js'

export type { RouteFile }

/**
 * The module that a verb loads: the backend, and what works on it. Its routes too, where the verb serves or lists them:
 * a broken route must not stand in the way of a migration.
 */
export async function projectEntry(project: Project, parts: { readonly routes: boolean }): Promise<string> {
  const routes = parts.routes ? await routeFiles(project) : []
  return [
    ...importsOf(project, routes),
    // From here and not from the command's own packages: the project decides which version it runs on.
    `export { serve } from 'postern/server'`,
    `export { applyMigrations, pendingMigrations } from 'postern/database'`,
    `export const backend = project['backend']`,
    `export const routes = ${routesLiteral(routes)}`,
    project.seedFile === undefined ? 'export const seed = undefined' : `export const seed = () => import('./seed.ts')`,
  ].join('\n')
}

/** The module that `node dist/server.js` runs; `runner` is the file of ours that is bundled into it. */
export async function builtEntry(project: Project, runner: string): Promise<string> {
  const routes = await routeFiles(project)
  return [
    ...importsOf(project, routes),
    `import { serve } from 'postern/server'`,
    `import { applyMigrations, pendingMigrations } from 'postern/database'`,
    `import { runBuiltServer } from ${JSON.stringify(runner)}`,
    `const routes = ${routesLiteral(routes)}`,
    `const migrations = new URL('./migrations', import.meta.url)`,
    `runBuiltServer({ backend: project['backend'], routes, serve, applyMigrations, pendingMigrations }, migrations)`,
  ].join('\n')
}

/** Every directory in which a new file changes what is served. */
export function watchedDirectories(project: Project): string[] {
  const roots = [join(project.directory, 'app'), project.migrationsDirectory].filter((root) => existsSync(root))
  const nested = roots.flatMap((root) =>
    readdirSync(root, { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => join(entry.parentPath, entry.name)),
  )
  return [project.directory, ...roots, ...nested]
}

async function routeFiles(project: Project): Promise<readonly RouteFile[]> {
  const { findRoutes } = await import('postern/server')
  return findRoutes(project.directory)
}

function importsOf(project: Project, routes: readonly RouteFile[]): string[] {
  return [
    `import * as project from ${JSON.stringify(project.backendFile)}`,
    ...routes.map(({ file }, index) => `import * as route${index} from ${JSON.stringify(file)}`),
  ]
}

function routesLiteral(routes: readonly RouteFile[]): string {
  return `[${routes.map((route, index) => `{ ...${JSON.stringify(route)}, module: route${index} }`).join(',\n')}]`
}
