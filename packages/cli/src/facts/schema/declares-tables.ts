/** A file that declares tables imports one of these, by one of these words. */
const SPEAKS = /drizzle-orm\/(?:pg|mysql|sqlite)-core|postern\/schema/

export function declaresTables(text: string): boolean {
  return SPEAKS.test(text)
}
