/** What stands between the two `---` of a skill: texts, and one map of texts. */
export type FrontMatter = Readonly<Record<string, string | readonly string[] | Readonly<Record<string, string>>>>

/** A front matter that breaks the format in a way that no rule about its values could say. */
export class Malformed extends Error {
  override readonly name = 'Malformed'
}

/**
 * Reads the little of YAML that a skill needs: `key: text` on one line, quoted or plain, and a map or list indented below
 * a key. Throws `Malformed` for everything else, and for plain text that YAML would read as something else than text.
 */
export function readFrontMatter(text: string): { frontMatter: FrontMatter; body: string } {
  const [, head, body] = /^---\n([\s\S]*?)\n---\n([\s\S]*)$/.exec(text) ?? []
  if (head === undefined || body === undefined)
    throw new Malformed('a skill begins with a front matter between two ---')
  const frontMatter: Record<string, string | string[] | Record<string, string>> = {}
  let key = ''
  for (const line of head.split('\n')) {
    const [, indent = '', name, rest = ''] = /^(\s*)([A-Za-z][\w-]*):(?:\s+(.*))?$/.exec(line) ?? []
    const item = /^\s+-\s+(.*)$/.exec(line)?.[1]
    if (item !== undefined && frontMatter[key] !== undefined) addItem(frontMatter, key, plain(item))
    else if (name === undefined) throw new Malformed(`this line is neither key nor value: ${line}`)
    else if (indent === '') {
      if (name in frontMatter) throw new Malformed(`${name} is said twice`)
      key = name
      frontMatter[name] = rest === '' ? {} : plain(rest)
    } else {
      const parent = frontMatter[key]
      if (typeof parent !== 'object' || Array.isArray(parent)) throw new Malformed(`${name} is under no map`)
      parent[name] = plain(rest)
    }
  }
  return { frontMatter, body }
}

function addItem(frontMatter: Record<string, unknown>, key: string, item: string): void {
  const known = frontMatter[key]
  frontMatter[key] = Array.isArray(known) ? [...(known as unknown[]), item] : [item]
}

function plain(value: string): string {
  const quoted = /^'((?:[^']|'')*)'$|^"((?:[^"\\]|\\.)*)"$/.exec(value)
  if (quoted !== null) return quoted[1]?.replaceAll("''", "'") ?? (JSON.parse(value) as string)
  // YAML would read these as a map, a comment, a list, an anchor, a number, a boolean.
  if (/: |:$| #|^[[\]{}&*!|>%@`'"#,?-]/.test(value)) throw new Malformed(`this text needs quotes: ${value}`)
  if (/^(?:-?[\d.]+|true|false|yes|no|null|~)$/i.test(value)) throw new Malformed(`this is no text: ${value}`)
  return value
}
