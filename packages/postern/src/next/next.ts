import type { Host, Steering } from '../host.js'
import { parseSetCookie } from './parse-set-cookie.js'
import { sentHeaders, sentTo } from './page-request.js'

/**
 * The host of actions in Next.js. Throws, when an action is called, where there is no request of Next.js to call it by.
 *
 * @example
 * export const backend = createBackend({ database: db, auth: sessions(auth), host: next() })
 * export const { endpoint, action } = backend
 */
export function next(): Host {
  return { name: 'Next.js', request: actionRequest, steering, setCookies, revalidate }
}

/** As far as Next.js tells: where the page is it does not. */
async function actionRequest(): Promise<Request> {
  const headers = await sentHeaders()
  const url = sentTo(headers)
  url.pathname = pageOf(headers.get('referer'), url.host)
  return new Request(url, { method: 'POST', headers })
}

/** For the log: the page that called, by its own word. */
function pageOf(referer: string | null, host: string): string {
  const from = referer !== null && URL.canParse(referer) ? new URL(referer) : undefined
  return from?.host === host ? from.pathname : '/'
}

/**
 * **Security:** the framework itself says what is its own (`unstable_rethrow`): an error that merely looks like a redirect
 * would be thrown on with everything in it.
 */
async function steering(thrown: unknown): Promise<Steering | undefined> {
  const { unstable_rethrow } = await import('next/navigation.js')
  try {
    unstable_rethrow(thrown)
    return undefined
  } catch (flow) {
    const [kind, detail] = String((flow as { readonly digest?: unknown } | null)?.digest).split(';')
    if (kind === 'NEXT_REDIRECT') return { thrown: flow, succeeds: true, status: 303 }
    const status = kind === 'NEXT_HTTP_ERROR_FALLBACK' ? Number(detail) : 500
    return { thrown: flow, succeeds: false, status }
  }
}

async function setCookies(lines: readonly string[]): Promise<void> {
  const { cookies } = await import('next/headers.js')
  const store = await cookies()
  for (const line of lines) {
    const cookie = parseSetCookie(line)
    if (cookie !== undefined) store.set(cookie)
  }
}

async function revalidate({ paths, tags }: Parameters<Host['revalidate']>[0]): Promise<void> {
  const cache = await import('next/cache.js')
  // A pattern is one of pages: `/posts/[id]`.
  for (const path of paths) cache.revalidatePath(path, ...(path.includes('[') ? (['page'] as const) : []))
  for (const tag of tags) refreshTag(cache, tag)
}

/** Next.js 16 has a word for what an action wants: whoever wrote sees it at once. In 15 `revalidateTag` does that. */
function refreshTag(cache: object, tag: string): void {
  const { updateTag, revalidateTag } = cache as Partial<Record<'updateTag' | 'revalidateTag', (tag: string) => void>>
  ;(updateTag ?? revalidateTag)?.(tag)
}
