export type JsonObject = Readonly<Record<string, unknown>>

/** Reads JSON as tsconfig files are written: with comments and trailing commas. `undefined` where it is no object. */
export function readJson(text: string | undefined): JsonObject | undefined {
  if (text === undefined) return undefined
  try {
    const value: unknown = JSON.parse(withoutComments(text))
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined
  } catch {
    return undefined
  }
}

/** Strings are kept whole: `"@/*"` is no comment. What is never closed reaches to the end, or each mark would be looked for again. */
function withoutComments(text: string): string {
  return text
    .replace(/^\uFEFF/, '')
    .replace(/("[^"\\]*(?:\\.[^"\\]*)*"?)|\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/g, (_, string?: string) => string ?? '')
    .replace(/("[^"\\]*(?:\\.[^"\\]*)*"?)|,(?=\s*[}\]])/g, (_, string?: string) => string ?? '')
}
