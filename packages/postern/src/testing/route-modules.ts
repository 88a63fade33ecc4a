import { pathToFileURL } from 'node:url'
import { runtimeOf } from '../runtime.js'
import { findRoutes } from '../server/file-routes.js'
import type { ServedRoute } from '../server/app-options.js'
import { METHODS, type RouteModule } from '../server/methods.js'

/** What route files export, by path in folder names (`/api/invoices/[id]`); or functions that import them. */
export type RouteModules = Readonly<Record<string, RouteModule | (() => Promise<unknown>)>>

/** Imports a file, as the test runner does it. */
export type Load = (file: string) => Promise<unknown>

/** The routes that a test gave. */
export async function givenRoutes(routes: RouteModules): Promise<ServedRoute[]> {
  const loaded = Object.entries(routes).map(async ([path, module]) => ({
    path,
    module: (typeof module === 'function' ? await module() : module) as RouteModule,
  }))
  return Promise.all(loaded)
}

/** The routes of a project's `app` folder. */
export async function projectRoutes(directory: string, load: Load = importFile): Promise<ServedRoute[]> {
  const files = await findRoutes(directory)
  return Promise.all(files.map(async ({ file, path }) => ({ file, path, module: (await load(file)) as RouteModule })))
}

/**
 * Refuses handlers of another backend. A test runner that loads this package from node_modules and the project through
 * its own loader can evaluate `backend.ts` twice; the second one would write into the developer's own database.
 */
export function refuseOtherBackends(routes: readonly ServedRoute[], backend: object): void {
  for (const { path, file, module } of routes) {
    for (const method of METHODS) {
      const runtime = runtimeOf(module[method])
      if (runtime === undefined || runtime === runtimeOf(backend)) continue
      throw new Error(
        `${method} ${file ?? path} was made by another backend than the one under test: its backend.ts was loaded twice. ` +
          'Give testBackend() `load: (file) => import(file)`, so that the test runner loads both',
      )
    }
  }
}

async function importFile(file: string): Promise<unknown> {
  try {
    return await import(pathToFileURL(file).href)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_UNKNOWN_FILE_EXTENSION') throw error
    throw new Error(`Node can't import ${file} by itself. Give testBackend() \`load: (file) => import(file)\``, {
      cause: error,
    })
  }
}
