/** What the servers of a run are called. Outside of vitest it stands in for `inject`, which only vitest's workers have. */
export const provided = new Map<string, unknown>()

export function inject(key: string): unknown {
  return provided.get(key)
}
