import { quoted } from './snapshot.js'

interface Target {
  asOwner(work: (connection: Connection) => Promise<unknown>): Promise<unknown>
}

interface Connection {
  batch(statements: readonly { readonly text: string; readonly values: readonly [] }[]): Promise<unknown>
}

/** Drops the schemas with all that is in them; `public` is as PostgreSQL itself makes it, for a first migration. */
export async function emptySchemas(target: Target, names: readonly string[]): Promise<void> {
  const texts = [
    ...names.map((name) => `drop schema if exists ${quoted(name)} cascade`),
    'create schema public',
    'grant usage on schema public to public',
  ]
  // One batch is one transaction: an interrupted reset leaves all as it was.
  await target.asOwner((connection) => connection.batch(texts.map((text) => ({ text, values: [] }))))
}
