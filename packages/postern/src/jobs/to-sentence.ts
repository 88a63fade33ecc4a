interface Issue {
  readonly message: string
  readonly path?: readonly unknown[] | undefined
}

/** What a schema says is wrong with a job's input, without a value of it. */
export function toSentence(issues: readonly Issue[]): string {
  return issues
    .slice(0, MOST)
    .map(({ path = [], message }) => (path.length === 0 ? message : `${path.map(nameOf).join('.')}: ${message}`))
    .join('; ')
}

const MOST = 10

function nameOf(segment: unknown): string {
  return String(typeof segment === 'object' && segment !== null && 'key' in segment ? segment.key : segment)
}
