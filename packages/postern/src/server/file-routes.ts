import { readdir, stat } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { routesInOrder, routeTable } from './route-table.js'
import { toPattern, toSegments, type Segment } from './segments.js'
import { StartRefused } from './start-refused.js'

/** A `route.ts` that was found, and the path it answers. */
export interface RouteFile {
  /** Absolute. */
  readonly file: string
  /** In folder names: `/api/invoices/[id]`. */
  readonly path: string
  /** For people: `/api/invoices/:id`. */
  readonly pattern: string
  readonly segments: readonly Segment[]
}

/**
 * Finds a project's routes as the App Router of Next.js would, in the order in which they are tried: `app`, or `src/app`
 * where there is no `app`; `(groups)` and `@slots` leave no trace in the path, `_private` folders are skipped.
 * Throws `StartRefused` when there is no such folder, and where two files could answer one path.
 *
 * @example
 * for (const route of await findRoutes(process.cwd())) console.log(route.pattern)
 */
export async function findRoutes(projectDirectory: string): Promise<RouteFile[]> {
  const app = await appDirectory(projectDirectory)
  const files = await routeFilesIn(app)
  // Named relative to the project: a refusal is read by a person.
  const found = files.map((file) => ({ file: relative(projectDirectory, file), path: toPath(relative(app, file)) }))
  return routesInOrder(routeTable(found)).map(({ file, path }) => {
    const segments = toSegments(path)
    return { file: join(projectDirectory, file), path, pattern: toPattern(segments), segments }
  })
}

async function appDirectory(projectDirectory: string): Promise<string> {
  for (const candidate of ['app', join('src', 'app')]) {
    const directory = join(projectDirectory, candidate)
    const found = await stat(directory).catch(() => null)
    if (found?.isDirectory()) return directory
  }
  throw new StartRefused(
    'This project has no app folder, so there is nothing to serve',
    'Put a first route into app/api/hello/route.ts',
  )
}

async function routeFilesIn(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true })
  const nested = entries.map(async (entry) => {
    const place = join(directory, entry.name)
    if (entry.isDirectory()) return entry.name.startsWith('_') ? [] : routeFilesIn(place)
    return ROUTE_FILE.test(entry.name) ? [place] : []
  })
  return (await Promise.all(nested)).flat().sort()
}

const ROUTE_FILE = /^route\.(?:tsx?|m?js)$/

function toPath(file: string): string {
  const folders = file.split(sep).slice(0, -1)
  const intercepting = folders.find((folder) => INTERCEPTION.test(folder))
  if (intercepting !== undefined) {
    throw new StartRefused(
      `The folder "${intercepting}" in ${file} intercepts a page's navigation, which no request to an API does`,
      'Move the route out of it',
    )
  }
  const visible = folders.filter((folder) => !/^\(.*\)$/.test(folder) && !folder.startsWith('@'))
  return `/${visible.map((folder) => folder.replaceAll(/%5F/gi, '_')).join('/')}`
}

/** `(.)photo`, `(..)photo`, `(..)(..)photo`, `(...)photo`: a group is closed by its bracket, these go on. */
const INTERCEPTION = /^\(\.{1,3}\)/
