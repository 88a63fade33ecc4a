/**
 * Where in the input something is wrong, for the client: `body.items.3.name`.
 *
 * **Security:** the keys of a record are the client's, and an error never echoes the input: what doesn't look like a field of
 * a schema is shown as `*`.
 */
export function shownPath(part: string, keys: readonly string[]): string {
  return [part, ...keys.map((key) => (/^[A-Za-z_][\w-]{0,40}$|^\d{1,6}$/.test(key) ? key : '*'))].join('.')
}
