import { resolve } from 'node:path'
import type { OwnerConnection } from '../database/connections.js'
import type { Database } from '../database/database.js'
import { LEAD_TO, type Leading } from '../database/lead-to.js'
import { applyMigrations } from '../database/migrations.js'
import type { PlaceOptions } from '../database/place.js'
import type { Schema } from '../database/scope-types.js'
import { type ForeignDatabase, isForeign } from '../foreign-database.js'
import { at, type FreshDatabase, freshDatabase } from './fresh-database.js'
import type { Recorder } from './recorder.js'
import { type Contents, readContents } from './table-contents.js'

/** Where a test leads the database of its backend. */
interface TestedPlace {
  readonly directory: string
  readonly url?: string
  readonly place?: PlaceOptions
  readonly seed?: (owner: OwnerConnection) => Promise<unknown>
}

/** The database of a backend under test. */
export interface TestedDatabase {
  asOwner<T>(work: (owner: OwnerConnection) => Promise<T>): Promise<T>
  /** What its tables hold. */
  contents(): Promise<Contents>
  /** Leads the backend's database nowhere, and takes the test's away. */
  close(): Promise<void>
}

/** Puts a backend's database on a fresh one, with the project's migrations and the test's seed. */
export async function testedDatabase(
  database: Database<Schema> | ForeignDatabase,
  recorder: Recorder,
  options: TestedPlace,
): Promise<TestedDatabase> {
  if (isForeign(database)) return untouched(options)
  const led = database as typeof database & Leading
  let fresh: FreshDatabase | undefined
  const close = async () => {
    await led[LEAD_TO](refuseToOpen)
    await fresh?.drop()
  }
  try {
    const made = (fresh = await (options.place ? at(options.place) : freshDatabase(options.url ?? testUrl())))
    await led[LEAD_TO](() => recorder.watch(made.open()))
    await applyMigrations(database, resolve(options.directory, 'migrations'))
    if (options.seed !== undefined) await database.asOwner(options.seed)
  } catch (error) {
    await close()
    throw error
  }
  return {
    asOwner: (work) => database.asOwner(work),
    contents: () => database.asOwner(readContents),
    close,
  }
}

/** A client of another library can't be led anywhere: the test that made it says where it is. */
function untouched(options: TestedPlace): TestedDatabase {
  const said = (['url', 'place', 'seed'] as const).find((name) => options[name] !== undefined)
  if (said !== undefined) throw new TypeError(`testBackend() has no ${said} here: ${NOT_OURS}`)
  return {
    asOwner() {
      throw new TypeError(`There is no owner to work as: ${NOT_OURS}`)
    },
    contents: async () => new Map(),
    close: async () => {},
  }
}

const NOT_OURS = 'the database is a client of your own; point it at a test database where you make it'

function refuseToOpen(): never {
  throw new Error('The test of this backend is over: whatever asks its database for something now has outlived it')
}

/** Its own variable: a test that read `DATABASE_URL` would one day run where that is a database in use. */
function testUrl(): string | undefined {
  return process.env['TEST_DATABASE_URL']
}
