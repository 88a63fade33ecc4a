/** Somebody who calls the routes of a server, with the cookies that it gave them. */
export interface Visitor {
  readonly cookie: string
  get(path: string): Promise<Reply>
  send(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Reply>
}

export interface Reply {
  readonly status: number
  readonly headers: Headers
  // What each test expects of it, it says itself.
  readonly body: never
}

/** Nobody: no cookie. */
export function nobody(url: string): Visitor {
  return visitor(url, '')
}

/** Somebody who has just signed up. */
export async function signedUp(url: string, name: string): Promise<Visitor> {
  const email = `${name.toLowerCase()}-${crypto.randomUUID()}@example.com`
  const response = await fetch(`${url}/api/auth/sign-up/email`, {
    method: 'POST',
    // Signing up is limited by address, which under Next.js the proxy in front says.
    headers: { 'content-type': 'application/json', origin: url, 'x-forwarded-for': anyAddress() },
    body: JSON.stringify({ name, email, password: 'correct horse battery' }),
  })
  if (!response.ok) throw new Error(`${name} cannot sign up: ${response.status} ${await response.text()}`)
  return visitor(url, cookiesOf(response))
}

/** Another one each time. */
export function anyAddress(): string {
  return `10.${[0, 0, 0].map(() => Math.floor(Math.random() * 256)).join('.')}`
}

/** As a browser sends back what it was given. */
export function cookiesOf(response: Response): string {
  return response.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ')
}

function visitor(url: string, cookie: string): Visitor {
  const send: Visitor['send'] = async (method, path, body, headers = {}) => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        ...(cookie === '' ? {} : { cookie }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    return {
      status: response.status,
      headers: response.headers,
      body: (text === '' ? undefined : JSON.parse(text)) as never,
    }
  }
  return { cookie, get: (path) => send('GET', path), send }
}
