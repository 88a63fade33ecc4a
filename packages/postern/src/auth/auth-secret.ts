import { randomBytes } from 'node:crypto'
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeDirectory } from '../own-directory.js'

const SHORTEST = 32

/** What `authSecret()` takes. */
export interface AuthSecretOptions {
  /** Default `process.env`, read when called. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Where a generated secret is kept, relative to the working directory. Default `.postern`, which git ignores. */
  readonly directory?: string
}

/**
 * The secret that sessions are signed with, at least 32 characters: `POSTERN_AUTH_SECRET` or `BETTER_AUTH_SECRET`. Outside
 * production one is generated into `.postern/auth-secret`, so that sessions outlive a restart. Throws, with a `hint`, in
 * production without one, and for one that is too short.
 *
 * @example
 * export const auth = betterAuth({ secret: authSecret(), database: drizzleAdapter(db.service('better-auth'), { provider: 'pg' }) })
 */
export function authSecret({ env = process.env, directory = '.postern' }: AuthSecretOptions = {}): string {
  const given = env['POSTERN_AUTH_SECRET'] || env['BETTER_AUTH_SECRET']
  if (given) return longEnough(given)
  // `next build` evaluates every route in production mode and serves nobody: what it signs with is never used.
  if (env['NEXT_PHASE'] === 'phase-production-build') return generated()
  if (env['NODE_ENV'] === 'production') {
    throw refusal(
      'No secret to sign sessions with',
      'Set POSTERN_AUTH_SECRET, for example to what `openssl rand -base64 32` prints',
    )
  }
  return longEnough(kept(directory))
}

const generated = (): string => randomBytes(32).toString('base64url')

/** Written whole beside its place, then linked: of two processes starting at once one wins, and both read what it wrote. */
function kept(directory: string): string {
  const file = join(directory, 'auth-secret')
  const found = read(file)
  if (found !== null) return found
  makeDirectory(directory)
  const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`
  writeFileSync(draft, `${generated()}\n`, { mode: 0o600, flag: 'wx', flush: true })
  try {
    linkSync(draft, file)
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error
  } finally {
    rmSync(draft, { force: true })
  }
  return readFileSync(file, 'utf8').trim()
}

function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (error) {
    if (isCode(error, 'ENOENT')) return null
    throw error
  }
}

function longEnough(secret: string): string {
  if (secret.length >= SHORTEST) return secret
  throw refusal(
    `The secret that sessions are signed with is shorter than ${SHORTEST} characters`,
    'Use what `openssl rand -base64 32` prints; a generated one lives in .postern/auth-secret and may be deleted',
  )
}

const refusal = (message: string, hint: string): Error => Object.assign(new Error(message), { hint })

const isCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code
