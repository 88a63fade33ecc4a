import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PROJECT } from './running.ts'

/** Words of the server's own code, by where they come from. None of them has any business in a browser. */
export const SERVER_WORDS: Readonly<Record<string, string>> = {
  'the scope of the database': 'request.jwt.claims',
  'the registry of connections': 'postern.connections',
  'the secret’s name': 'POSTERN_AUTH_SECRET',
  'the database’s address': 'DATABASE_URL',
  'a table': 'authors_owner_id_key',
  'an input': 'A title has 200 characters at most',
  'a function behind an endpoint': 'Make your author page first',
  'a reason of the inventory': 'posts are published',
  'better-auth': 'sign-up/email',
}

/** The scripts of a build that are sent to browsers, and those that stay, as one text each. */
export function builtScripts(): { readonly client: string; readonly server: string } {
  const client = scripts(join(PROJECT, '.next/static'))
  return { client: client.join('\n'), server: scripts(join(PROJECT, '.next/server')).join('\n') }
}

function scripts(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.js'))
    .map((path) => readFileSync(join(directory, path), 'utf8'))
}
