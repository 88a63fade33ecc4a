import { existsSync, realpathSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { UsageError } from '../errors.js'

/** A directory that holds a backend. Paths are absolute. */
export interface Project {
  readonly directory: string
  readonly backendFile: string
  readonly migrationsDirectory: string
  readonly seedFile: string | undefined
  /** What the project wants to be said when it starts, with `{{url}}` where the address goes. */
  readonly welcome: string | undefined
}

/** Finds the project of a directory. Throws a `UsageError` where there is no `backend.ts`. */
export async function findProject(cwd: string): Promise<Project> {
  const asked = resolve(cwd)
  if (!existsSync(asked)) throw new UsageError(`There is no directory ${asked}`, 'Check what --cwd says')
  // By its real name: compilers and stacks use that one.
  const directory = realpathSync(asked)
  const backendFile = join(directory, 'backend.ts')
  if (!existsSync(backendFile)) {
    const hint = 'Go to your project or name it with --cwd; its backend.ts exports `backend`, made by createBackend()'
    throw new UsageError(`There is no backend.ts in ${directory}`, hint)
  }
  const seedFile = join(directory, 'seed.ts')
  return {
    directory,
    backendFile,
    migrationsDirectory: join(directory, 'migrations'),
    seedFile: existsSync(seedFile) ? seedFile : undefined,
    welcome: await readWelcome(directory),
  }
}

async function readWelcome(directory: string): Promise<string | undefined> {
  const manifest = await readFile(join(directory, 'package.json'), 'utf8').catch(() => '{}')
  const file = nameOfWelcome(manifest)
  if (file === undefined) return undefined
  return readFile(join(directory, file), 'utf8').catch((error: unknown) => {
    const hint = 'Write that file or take "postern": { "welcome" } out of package.json'
    throw new UsageError(`package.json names ${file} as the welcome, and it cannot be read`, hint, { cause: error })
  })
}

function nameOfWelcome(manifest: string): string | undefined {
  try {
    const { postern } = JSON.parse(manifest) as { postern?: { welcome?: unknown } }
    return typeof postern?.welcome === 'string' ? postern.welcome : undefined
  } catch {
    throw new UsageError('package.json is not valid JSON', 'Correct it: npm reads the same file')
  }
}
