/** Twilio sends some forty. Each costs, and is there before anything is believed. */
const MOST_FIELDS = 1_000

/**
 * The fields of a form as Twilio signs them: names and values, decoded, in the order of their names, with nothing between. Of
 * a name with several values each is taken once. `null` for more fields than any form of Twilio's has.
 *
 * Bytes, because a text that is not UTF-8 would become another one.
 */
export function signedForm(body: Uint8Array): Uint8Array | null {
  const fields = fieldsOf(body)
  if (fields === null) return null
  const valuesOf = new Map<string, Set<string>>()
  for (const [name, value] of fields) valuesOf.set(name, (valuesOf.get(name) ?? new Set()).add(value))
  const texts = [...valuesOf.keys()]
    .sort()
    .flatMap((name) => [...valuesOf.get(name)!].sort().map((value) => name + value))
  return Buffer.from(texts.join(''), 'latin1')
}

/** One character for each byte. */
function fieldsOf(body: Uint8Array): readonly (readonly [name: string, value: string])[] | null {
  const texts = Buffer.from(body)
    .toString('latin1')
    .split('&', MOST_FIELDS + 1)
  if (texts.length > MOST_FIELDS) return null
  return texts
    .filter((text) => text !== '')
    .map((text) => {
      const end = text.indexOf('=')
      return end === -1 ? [decoded(text), ''] : [decoded(text.slice(0, end)), decoded(text.slice(end + 1))]
    })
}

function decoded(text: string): string {
  return text
    .replaceAll('+', ' ')
    .replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}
