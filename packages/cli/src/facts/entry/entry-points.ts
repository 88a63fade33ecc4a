import { isTestFile } from '../source/code-matches.js'
import type { ImportGraph } from '../source/import-graph.js'
import type { SourceFile } from '../source/source-file.js'
import type { Sources } from '../source/sources.js'
import type { Modules } from '../trace/modules.js'
import type { Meanings } from '../trace/walker.js'
import type { EntryPoint } from './entry-point.js'
import { edgeFunctions } from './edge-functions.js'
import { errorHandlers } from './error-handlers.js'
import { elysiaRoutes } from './elysia-routes.js'
import { expressRoutes } from './express-routes.js'
import { autoloadPlugin, fastifyRoutes, isAutohook } from './fastify-routes.js'
import { honoRoutes } from './hono-routes.js'
import { nestControllers } from './nest-controllers.js'
import { nextActions } from './next-actions.js'
import { behindMiddleware, nextMiddleware } from './next-middleware.js'
import { nextPagesApi } from './next-pages-api.js'
import { nextPages } from './next-pages.js'
import { nextRoutes } from './next-routes.js'
import { procedures } from './procedures.js'
import { startersOf } from './starters.js'

/** Files that tell a framework what to serve when they are evaluated. */
const REGISTERS =
  /['"](?:express|express-promise-router|hono|hono\/[a-z-]+|@hono\/zod-openapi|fastify|elysia|@trpc\/server|@orpc\/server|https:\/\/deno\.land\/std[^'"]*)['"]|Deno\.serve\(|[pP]rocedure\b|\.handler\(|\.(?:query|mutation|subscription)\(\s*(?:async\b|function\b|\w+\s*=>|\(\s*[{\w)])/

/** Everything in a tree that somebody outside can call, in the order of frameworks and files. */
export function entryPointsOf(
  files: readonly SourceFile[],
  modules: Modules,
  meanings: Meanings,
  sources: Sources,
  graph: () => ImportGraph,
): EntryPoint[] {
  const none: readonly EntryPoint[] = []
  const paths = files.map(({ path }) => path)
  const attempt = (path: string, work: () => readonly EntryPoint[]): readonly EntryPoint[] => {
    const found = { of: 'entry', name: path } as const
    const refused = sources.watch.givenUp(found)
    if (refused === undefined) return sources.attempt(path, () => sources.watch.during(found, work)) ?? none
    sources.tell(path, refused)
    return none
  }
  // What a test serves, it serves to itself.
  for (const { path, text } of files)
    if (REGISTERS.test(text) && !isTestFile(path)) attempt(path, () => (modules.run(path), none))
  for (const path of startersOf(files, meanings.registry, graph)) attempt(path, () => (modules.run(path), none))
  const hooks = paths.filter(isAutohook)
  for (const path of paths) attempt(path, () => (autoloadPlugin(path, hooks, modules, meanings), none))
  const { registry } = meanings
  const middleware = nextMiddleware(paths)
  const appsOf = (isMeant: (name: string) => boolean) => registry.apps.filter((app) => isMeant(app.package))
  return [
    ...paths
      .flatMap((path) => attempt(path, () => [...nextRoutes([path], modules), ...nextPagesApi(path, modules)]))
      .map((entry) => behindMiddleware(entry, middleware, modules, meanings)),
    ...files.flatMap((file) => attempt(file.path, () => nextActions([file], modules))),
    ...paths.flatMap((path) => attempt(path, () => nextPages([path], modules))),
    ...expressRoutes(
      appsOf((name) => name.startsWith('express')),
      registry,
    ),
    ...honoRoutes(
      appsOf((name) => name.includes('hono')),
      registry,
    ),
    ...fastifyRoutes(
      appsOf((name) => name === 'fastify'),
      registry,
    ),
    ...elysiaRoutes(
      appsOf((name) => name === 'elysia'),
      registry,
    ),
    ...errorHandlers(registry),
    ...edgeFunctions(registry),
    ...procedures(registry, files, modules),
    ...nestControllers(files, modules, meanings, attempt),
  ]
}
