/**
 * Where something was called, as a stack that is written out only when `lineOf` asks for it. Taken when an operation is
 * made and not when it runs: it runs in a job of its own when it is awaited, and there Node 20 knows no caller any more.
 */
export type CallSite = Error

export function callSite(): CallSite {
  return new Error('called here')
}

/** As `callSite`, with room for the frames of a library between the user's line and here. */
export function deepCallSite(): CallSite {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 100
  try {
    return callSite()
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
}

/** The first line of the user's own in a stack, as `file:line:column`: not this package's, not a package's, not Node's. */
export function lineOf(site: CallSite | null | undefined): string | null {
  const frames = site?.stack?.split('\n').slice(1) ?? []
  const user = frames.find((frame) => PLACE.test(frame) && !isForeign(frame))
  return user === undefined ? null : PLACE.exec(user)![1]!
}

/** Some loaders write a URL into a stack, others a path; what stands in brackets before it is the function's name. */
const PLACE = /(?:^\s*at |\()(?:async )?(?:file:\/\/)?(\/.*:\d+:\d+)\)?\s*$/

const foreign = ['/node_modules/', ...ownFolders()]

function isForeign(frame: string): boolean {
  return foreign.some((part) => frame.includes(part))
}

/** Both of them: a source map leads from what is built to what was written. */
function ownFolders(): string[] {
  const root = /^(?:file:\/\/)?(.*\/)(?:src|dist)\/database\/call-site\.[jt]s/.exec(import.meta.url)?.[1]
  return root === undefined ? [] : [`${root}src/`, `${root}dist/`]
}
