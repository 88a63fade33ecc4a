import { StartRefused } from './start-refused.js'

/** One step of a path, as a folder's name says it. */
export type Segment =
  | { readonly kind: 'static'; readonly value: string }
  | { readonly kind: 'dynamic'; readonly name: string }
  | { readonly kind: 'catch-all'; readonly name: string }
  | { readonly kind: 'optional-catch-all'; readonly name: string }

/**
 * Reads a path of folder names, `/api/invoices/[id]`, with the App Router's rules.
 * Throws `StartRefused` on brackets that mean nothing, a catch-all that is not last, and a name used twice.
 */
export function toSegments(path: string): readonly Segment[] {
  const segments = path
    .split('/')
    .filter((part) => part !== '')
    .map((part) => toSegment(part, path))
  refuseEarlyCatchAll(segments, path)
  refuseRepeatedName(segments, path)
  return segments
}

/** The path as people write it: `/api/invoices/:id`, `/files/*path`. */
export function toPattern(segments: readonly Segment[]): string {
  return `/${segments.map(segmentPattern).join('/')}`
}

function segmentPattern(segment: Segment): string {
  if (segment.kind === 'static') return segment.value
  if (segment.kind === 'dynamic') return `:${segment.name}`
  return segment.kind === 'catch-all' ? `*${segment.name}` : `*${segment.name}?`
}

function toSegment(part: string, path: string): Segment {
  const optional = /^\[\[\.\.\.(.+)\]\]$/.exec(part)
  if (optional) return { kind: 'optional-catch-all', name: paramName(optional[1], part, path) }
  const catchAll = /^\[\.\.\.(.+)\]$/.exec(part)
  if (catchAll) return { kind: 'catch-all', name: paramName(catchAll[1], part, path) }
  const dynamic = /^\[(.+)\]$/.exec(part)
  if (dynamic) return { kind: 'dynamic', name: paramName(dynamic[1], part, path) }
  if (/[[\]]/.test(part)) throw unreadable(part, path)
  return { kind: 'static', value: part }
}

function paramName(name: string | undefined, part: string, path: string): string {
  if (name === undefined || /^[.[]|\]$/.test(name)) throw unreadable(part, path)
  return name
}

function unreadable(part: string, path: string): StartRefused {
  return new StartRefused(
    `The folder "${part}" in ${path} is not a segment that a route can have`,
    'Name it [id], [...slug] or [[...slug]]',
  )
}

function refuseEarlyCatchAll(segments: readonly Segment[], path: string): void {
  const early = segments.slice(0, -1).find((segment) => segment.kind.endsWith('catch-all'))
  if (!early) return
  throw new StartRefused(
    `In ${path} something follows a catch-all, which takes the rest of the path already`,
    'Move the catch-all to the end',
  )
}

function refuseRepeatedName(segments: readonly Segment[], path: string): void {
  const names = new Set<string>()
  for (const segment of segments) {
    if (segment.kind === 'static') continue
    if (names.has(segment.name)) {
      throw new StartRefused(`The path ${path} names "${segment.name}" twice`, 'Give each segment a name of its own')
    }
    names.add(segment.name)
  }
}
