/** One line of our code broken on purpose, the promise that is gone with it, and the test that must notice. */
export interface Sabotage {
  /** What is promised, in a user's words. */
  readonly claim: string
  /** What the broken build does instead. */
  readonly sabotage: string
  /** The file that is broken, below `packages/postern/src`. */
  readonly file: string
  /** The text that goes, which must be there exactly once, and what stands in its place. */
  readonly edit: readonly [find: string, replace: string]
  /** The test file that must fail, from the root of the repository. */
  readonly test: string
  /** Words of the title of the test that must fail: only such tests are run, where the whole file would take long. */
  readonly by?: string
  /** The broken build never answers, so that what notices is the clock of the test. */
  readonly hangs?: true
  /** The model of the inbox must find it as well, whose random schedules know nothing of this edit. */
  readonly also?: true
  /** Part of every run of the tests, not of the campaign alone. */
  readonly always?: true
}

/** The source with its edit. Throws where the edit has gone stale: a sabotage that changes nothing proves nothing. */
export function broken(source: string, { file, edit: [find, replace] }: Sabotage): string {
  const parts = source.split(find)
  if (parts.length === 2) return parts.join(replace)
  const found = parts.length === 1 ? 'is not there any more' : `is there ${parts.length - 1} times`
  throw new Error(`The sabotage of ${file} has gone stale: "${find}" ${found}. Say anew what is to be broken`)
}
