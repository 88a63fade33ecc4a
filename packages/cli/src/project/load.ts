import { join, relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { applyMigrations, pendingMigrations } from 'postern/database'
import { UsageError } from '../errors.js'
import { codeDirectory } from './code-directory.js'
import { compile } from './compile.js'
import { type Parts, projectEntry, type RouteFile } from './entries.js'
import type { Project } from './find-project.js'
import { type CreateApp, isForeign, type LoadedBackend, type Serve, type Work } from './parts.js'

export interface LoadedRoute extends RouteFile {
  /** Relative to the project. */
  readonly file: string
  readonly module: Readonly<Record<string, unknown>>
}

/** A file whose exports can be called from outside, relative to the project. */
export interface LoadedActions {
  readonly file: string
  readonly module: Readonly<Record<string, unknown>>
}

/** A project as a running program: what its compiled module exports. */
export interface LoadedProject {
  readonly backend: LoadedBackend
  readonly routes: readonly LoadedRoute[]
  readonly actions: readonly LoadedActions[]
  readonly serve: Serve
  /** Runs what webhooks and jobs need, without listening. */
  readonly work: Work
  /** Throws where the routes may not be served; opens nothing. */
  readonly createApp: CreateApp
  readonly applyMigrations: typeof applyMigrations
  readonly pendingMigrations: typeof pendingMigrations
  readonly seed: (() => Promise<{ readonly default?: unknown }>) | undefined
}

/** Compiles a project into `.postern/code/<verb>-<pid>/` and loads it. It opens no database. */
export async function loadProject(project: Project, verb: string, parts: Parts): Promise<LoadedProject> {
  const loaded = await importProject(project, await compileProject(project, verb, parts))
  // A verb that has no use for routes works on the database.
  if (!parts.routes && isForeign(loaded.backend)) {
    const hint = `Its own tools migrate and fill it; postern ${verb} works on what database() of postern/database made`
    throw new UsageError('The database of this backend is a client of your own', hint)
  }
  return loaded
}

/** Compiles a project into `.postern/code/<verb>-<pid>/`; answers the module. */
export async function compileProject(project: Project, verb: string, parts: Parts): Promise<string> {
  const outfile = join(codeDirectory(project, verb), 'server.mjs')
  await compile({ project, outfile, entry: () => projectEntry(project, parts) })
  return outfile
}

/** What the project's own code threw when it was loaded. */
export class ThrownWhileLoaded extends UsageError {}

/** Loads what was compiled; what the project's own code throws becomes one sentence with its place. */
export async function importProject(project: Project, outfile: string): Promise<LoadedProject> {
  process.setSourceMapsEnabled(true)
  const loaded = await import(pathToFileURL(outfile).href).catch((error: unknown) => {
    throw loadError(project, error)
  })
  if (!isBackend(loaded.backend)) {
    const hint = 'Write there: export const backend = createBackend({ database: db, auth })'
    throw new UsageError('backend.ts exports no `backend` that createBackend() made', hint)
  }
  return loaded as LoadedProject
}

function isBackend(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'database' in value && typeof value.database === 'object'
}

function loadError(project: Project, error: unknown): unknown {
  const { message, stack, code, hint } = (error ?? {}) as Record<string, string | undefined>
  // Errors that were made for people say it better.
  if (typeof hint === 'string') return error
  const missing =
    code === 'ERR_MODULE_NOT_FOUND' ? /Cannot find (?:package|module) '([^']+)'/.exec(message ?? '')?.[1] : undefined
  if (missing !== undefined && !missing.startsWith('/')) {
    return new UsageError(`The project needs the package ${missing}, which is not installed`, 'Run npm install', {
      cause: error,
    })
  }
  const place = ownPlace(project, stack ?? '')
  const sentence = `${place ?? 'backend.ts'} throws while it is loaded: ${message ?? String(error)}`
  return new ThrownWhileLoaded(sentence, 'Correct that line; --verbose shows the stack', { cause: error })
}

/** The first line of a stack that is the project's own code. */
function ownPlace(project: Project, stack: string): string | undefined {
  for (const [, file = '', line] of stack.matchAll(/(?:\(|at )((?:file:\/\/)?\/[^():]+):(\d+):\d+\)?/g)) {
    const path = relative(project.directory, file.startsWith('file:') ? fileURLToPath(file) : file)
    if (!path.startsWith('..') && !path.includes('node_modules') && !path.startsWith('.postern'))
      return `${path}:${line}`
  }
  return undefined
}
