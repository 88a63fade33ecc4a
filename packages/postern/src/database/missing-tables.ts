/**
 * The error of a statement on one of the framework’s own tables, and where a table is not there, a sentence with what to do. Without its
 * cause: a schema that is closed would be told to the client as `forbidden`. Apart from their migrations, whose SQL nobody loads who only
 * reads an inbox.
 */
export function orMissingTables(error: unknown): unknown {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown }
  if (code !== '42P01' && code !== '3F000' && code !== '42501') return error
  const missing = new Error(
    `The framework's own tables are not in this database (${String(message)}): run \`postern migrate up\``,
  )
  return Object.assign(missing, { hint: 'It makes them, after the migrations of the project' })
}
