// node-postgres exports this path (its own pg-cursor uses it) but @types/pg does not describe it.
declare module 'pg/lib/utils.js' {
  /** A JavaScript value as PostgreSQL's text, a Buffer for bytea, or null. Throws for what it cannot say, a circular object. */
  export function prepareValue(value: unknown): string | Buffer | null
}
