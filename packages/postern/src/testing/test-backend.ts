import { resolve } from 'node:path'
import type { Backend } from '../backend.js'
import type { OwnerConnection } from '../database/connections.js'
import type { PlaceOptions } from '../database/place.js'
import type { Schema } from '../database/scope-types.js'
import { isForeign } from '../foreign-database.js'
import type { Principal } from '../principal.js'
import { runtimeOf } from '../runtime.js'
import { createApp } from '../server/create-app.js'
import { acting } from './acting.js'
import { type Caller, callerOf, toPrincipal } from './caller.js'
import type { Recorded } from './happened.js'
import { judgeStatements, type StatementExcuse, type StatementRules } from './judge-statements.js'
import { principalByRequest } from './principal-by-request.js'
import { Recorder } from './recorder.js'
import { givenRoutes, type Load, projectRoutes, refuseOtherBackends, type RouteModules } from './route-modules.js'
import { drainWebhooks } from '../webhook-worker.js'
import { enqueuedJobs, type EnqueuedJob, type RunJob, runToEnd } from './test-jobs.js'
import { type TestedDatabase, testedDatabase } from './tested-database.js'

/** What `testBackend()` takes. */
export interface TestOptions extends StatementRules {
  /** The routes under test. Default: those of the project's `app` folder. */
  readonly routes?: RouteModules
  /** The project: where `app` and `migrations` are. Default: the working directory. */
  readonly directory?: string
  /** Imports a route file; under vitest it must be the test file's own: `(file) => import(file)`. */
  readonly load?: Load
  /**
   * The URL of a PostgreSQL whose login may create a database. Default: `TEST_DATABASE_URL`; empty means a database in
   * memory, inside this process.
   */
  readonly url?: string
  /** A database of your own making instead: it must be empty, and stays. */
  readonly place?: PlaceOptions
  /** Fills the database after its migrations, as the owner of the tables. */
  readonly seed?: (owner: OwnerConnection) => Promise<unknown>
}

/** A backend under test. Made by `testBackend()`. */
export interface TestBackend extends AsyncDisposable {
  /** Calls as a principal; an id alone means one without roles and claims. */
  as(principal: Principal | string): Caller
  /** Calls as nobody. */
  readonly nobody: Caller
  /** Answers a request as the server would, with the project's own authentication. */
  fetch(request: Request, excuse?: StatementExcuse): Promise<Response>
  /** Runs `work` and tells what the backend did meanwhile: a refusal must show that nothing happened. */
  recording<T>(work: () => Promise<T>): Promise<Recorded<T>>
  /**
   * Processes what waits in the inbox of webhooks, as their worker would, without waiting for a backoff to pass. Nothing runs by itself
   * while a backend is under test.
   */
  work(): Promise<void>
  /** The jobs that were enqueued and wait, in their order: no worker runs under test. */
  enqueued(): Promise<EnqueuedJob[]>
  /**
   * Runs the jobs that wait to their end, one after the other: also those that are due only later, those that these enqueue,
   * and at once again what fails, until it is done or dead. Answers what came of each.
   */
  runJobs(): Promise<RunJob[]>
  /** Works as the owner of the tables, for what a test must prepare. */
  asOwner<T>(work: (owner: OwnerConnection) => Promise<T>): Promise<T>
  /** Closes the database and takes it away. */
  close(): Promise<void>
}

/**
 * Puts a backend on a fresh database, with the project's migrations applied, and says itself who calls. The route modules
 * are the project's own: no socket, no second copy of them, nothing mocked.
 *
 * Until `close()` the backend's database object leads to the test's database, for every handle on it; afterwards it leads
 * nowhere, so that code which outlives its test can't reach the developer's own. Of a client of another library nothing is
 * known: it stays where it is, and what it does is no part of what is recorded. One test backend at a time: runners give
 * each test file its own modules. Throws when the backend is under test already, or a route belongs to another backend.
 *
 * **Security:** who calls is known by the very `Request` object that a test sends. No header and no token says it, so
 * there is nothing that a request from outside could imitate.
 *
 * @example
 * const app = await testBackend(backend, { load: (file) => import(file) })
 * const refused = await app.recording(() => app.nobody.get('/api/invoices'))
 * refused.answer.status // 401
 * refused.nothing()
 * await app.close()
 */
export async function testBackend<D extends Schema>(
  backend: Backend<D>,
  options: TestOptions = {},
): Promise<TestBackend> {
  const runtime = runtimeOf(backend)
  if (runtime === undefined) throw new TypeError('testBackend() takes what createBackend() made')
  const directory = resolve(options.directory ?? process.cwd())
  const routes = await (options.routes ? givenRoutes(options.routes) : projectRoutes(directory, options.load))
  refuseOtherBackends(routes, backend)
  const app = createApp({ backend, routes })

  const recorder = new Recorder()
  const principals = principalByRequest(runtime)
  const actions = acting(runtime)
  const { judge, stop } = judgeStatements(backend.events, recorder, options)
  let database: TestedDatabase | undefined
  const close = async () => {
    stop()
    await database?.close()
    principals.restore()
    actions.restore()
  }
  try {
    database = await testedDatabase(runtime.database, recorder, { ...options, directory })
  } catch (error) {
    await close()
    throw error
  }
  const { asOwner, contents } = database

  const answer = (request: Request, excuse: StatementExcuse = {}) =>
    judge(request, excuse, async () => app.fetch(request))
  const deliver = (request: Request, principal: Principal | null, excuse: StatementExcuse) => {
    principals.say(request, principal)
    return answer(request, excuse)
  }
  const act: Parameters<typeof callerOf>[2] = (request, principal, excuse, work) => {
    principals.say(request, principal)
    return judge(request, excuse, () => actions.by(request, work))
  }
  return {
    as: (principal) => callerOf(toPrincipal(principal), deliver, act),
    nobody: callerOf(null, deliver, act),
    fetch: answer,
    enqueued: async () => (runtime.jobs === null ? [] : enqueuedJobs(runtime.jobs)),
    runJobs: async () => (runtime.jobs === null ? [] : runToEnd(runtime.jobs)),
    recording: (work) => recorder.record(backend.events, contents, work),
    async work() {
      const { database: own, webhooks } = runtime
      if (!isForeign(own)) await drainWebhooks({ ...runtime, database: own, webhooks })
    },
    asOwner,
    close,
    [Symbol.asyncDispose]: close,
  }
}
