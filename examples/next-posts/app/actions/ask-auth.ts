import { parseSetCookieHeader, toCookieOptions } from 'better-auth/cookies'
import { cookies, headers } from 'next/headers'
import { problem } from 'postern'
import { auth } from '../../auth.ts'

/** What of the visitor's request better-auth looks at: who they are, where they are, and where the form came from. */
const PASSED = ['cookie', 'host', 'origin', 'user-agent', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto']

/**
 * Asks better-auth by its own door, from a form that works without JavaScript: its limits on how often, its look at the origin and its
 * checks all hold, which they would not for a call of `auth.api`. The cookies that it sets reach the browser.
 */
export async function askAuth(path: string, body: object): Promise<void> {
  const given = await headers()
  const passed = new Headers({ 'content-type': 'application/json' })
  for (const name of PASSED) {
    const value = given.get(name)
    if (value !== null) passed.set(name, value)
  }
  const address = `${given.get('x-forwarded-proto') ?? 'http'}://${given.get('host')}/api/auth/${path}`
  const response = await auth.handler(
    new Request(address, { method: 'POST', headers: passed, body: JSON.stringify(body) }),
  )
  await keepCookies(response)
  if (response.ok) return
  if (response.status === 429) throw problem('rate-limited')
  const { message } = (await response.json().catch(() => ({}))) as { message?: string }
  throw problem(response.status < 500 ? 'conflict' : 'internal', message)
}

async function keepCookies(response: Response): Promise<void> {
  const jar = await cookies()
  for (const line of response.headers.getSetCookie()) {
    for (const [name, { value, ...attributes }] of parseSetCookieHeader(line)) {
      jar.set(name, value, toCookieOptions({ value, ...attributes }))
    }
  }
}
