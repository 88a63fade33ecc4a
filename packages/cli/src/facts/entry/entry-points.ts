import type { SourceFile } from '../source/source-file.js'
import type { Modules } from '../trace/modules.js'
import type { Meanings } from '../trace/walker.js'
import type { EntryPoint } from './entry-point.js'
import { edgeFunctions } from './edge-functions.js'
import { expressRoutes } from './express-routes.js'
import { autoloadPlugins, fastifyRoutes } from './fastify-routes.js'
import { honoRoutes } from './hono-routes.js'
import { nextActions } from './next-actions.js'
import { nextPages } from './next-pages.js'
import { nextRoutes } from './next-routes.js'

/** Files that tell a framework what to serve when they are evaluated. */
const REGISTERS =
  /['"](?:express|express-promise-router|hono|hono\/[a-z-]+|@hono\/zod-openapi|fastify|https:\/\/deno\.land\/std[^'"]*)['"]|Deno\.serve\(/

/** Everything in a tree that somebody outside can call, in the order of frameworks and files. */
export function entryPointsOf(files: readonly SourceFile[], modules: Modules, meanings: Meanings): EntryPoint[] {
  const paths = files.map(({ path }) => path)
  for (const { path, text } of files) if (REGISTERS.test(text)) modules.run(path)
  autoloadPlugins(paths, modules, meanings)
  const { registry } = meanings
  const appsOf = (isMeant: (name: string) => boolean) => registry.apps.filter((app) => isMeant(app.package))
  return [
    ...nextRoutes(paths, modules),
    ...nextActions(files, modules),
    ...nextPages(paths, modules),
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
    ...edgeFunctions(registry),
  ]
}
