/** What a form holds, a name with its value each. */
export type Pairs = readonly (readonly [name: string, value: string | File])[]

const REPLACEMENT = '\uFFFD'

/**
 * Whether the platform has put U+FFFD where bytes were no UTF-8, which it does without a word: then there are more of it in names
 * and texts than the body held.
 *
 * **Security:** they are counted, in one pass. To look for each text in the body took a second for 5 MB of one letter and a hundred
 * texts made to fit almost everywhere, on the one thread there is; and let a broken text pass where its repaired form stood beside it.
 */
export async function isRepaired(bytes: Buffer, pairs: Pairs): Promise<boolean> {
  const shown = shownIn(pairs)
  if (shown === 0) return false
  let kept = 0
  for (const [, value] of pairs) if (typeof value !== 'string') kept += countIn(Buffer.from(await value.arrayBuffer()))
  return shown > countIn(bytes) - kept
}

/** The same of a form that is percent-encoded. */
export function isRepairedUrl(text: string, pairs: Pairs): boolean {
  return shownIn(pairs) > (text.match(/%ef%bf%bd/gi)?.length ?? 0)
}

function shownIn(pairs: Pairs): number {
  const texts = pairs.flatMap(([name, value]) => [name, typeof value === 'string' ? value : value.name])
  return texts.reduce((sum, text) => sum + countIn(text), 0)
}

function countIn(whole: string | Buffer): number {
  let count = 0
  for (let at = whole.indexOf(REPLACEMENT); at !== -1; at = whole.indexOf(REPLACEMENT, at + 1)) count += 1
  return count
}
