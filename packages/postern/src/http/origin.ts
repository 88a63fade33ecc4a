/**
 * An origin as a browser sends it: without a path, and without a slash at its end. Anything else would never be equal to
 * one. Throws a `TypeError` that says how to write it.
 */
export function toOrigin(text: string): string {
  // `*` parses as the name of a host, and is none: a pattern here would quietly allow nobody.
  if (URL.canParse(text) && new URL(text).origin === text && !text.includes('*')) return text
  throw new TypeError(`"${text}" is no origin: write it like https://app.example`)
}
