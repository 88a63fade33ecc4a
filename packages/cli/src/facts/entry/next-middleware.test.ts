import { describe, expect, test } from 'vitest'
import { isGuarded } from '../ask/guarded.js'
import { readEntries } from '../read-project.js'
import { treeOf } from '../source/read-tree.js'
import { fitsPattern } from './path-pattern.js'

const WORK = `import { PrismaClient } from '@prisma/client'
const db = new PrismaClient()
export async function DELETE() { await db.post.deleteMany({}); return new Response(null) }`

/** Whether the delete of a route is guarded, open, or open as far as can be shown, behind these files. */
function standing(files: Readonly<Record<string, string>>, route = 'app/api/posts/route.ts'): string {
  const [traced, ...others] = readEntries(treeOf({ ...files, [route]: WORK }))
  expect(others).toEqual([])
  const work = traced!.facts.find((fact) => fact.fact === 'query')!
  return isGuarded(work.known) ? 'guarded' : traced!.isWhole ? 'open' : 'unsure'
}

const REFUSES = `import { getToken } from 'next-auth/jwt'
import { NextResponse } from 'next/server'
export async function middleware(request) {
  const token = await getToken({ req: request })
  if (!token) return NextResponse.json({ error: 'Unauthorized' }, { status: 401 })
  return NextResponse.next()
}
`

describe('a matcher says what it stands in front of', () => {
  test.each([
    ['nothing said is everything', '', 'guarded'],
    ['a path', "matcher: '/api/posts'", 'guarded'],
    ['another path', "matcher: '/api/users'", 'open'],
    ['all below', "matcher: ['/dashboard/:path*', '/api/:path*']", 'guarded'],
    ['all but the API', "matcher: ['/((?!api|_next/static|_next/image|favicon.ico).*)']", 'open'],
    ['all but files', "matcher: ['/((?!_next|.*\\\\..*).*)', '/(api|trpc)(.*)']", 'guarded'],
    ['an object', "matcher: [{ source: '/api/(.*)' }]", 'guarded'],
    ['a header of the client’s decides', "matcher: [{ source: '/api/(.*)', missing: [{ type: 'header' }] }]", 'unsure'],
    ['a pattern that would never end', "matcher: '/api/((a+)+)+'", 'unsure'],
  ])('%s', (_, config, expected) => {
    const code = config === '' ? REFUSES : `${REFUSES}export const config = { ${config} }`
    expect(standing({ 'middleware.ts': code })).toBe(expected)
  })

  test('it stands in front of its own app only', () => {
    const route = 'apps/web/src/app/api/posts/route.ts'
    expect(standing({ 'apps/web/src/middleware.ts': REFUSES }, route)).toBe('guarded')
    expect(standing({ 'apps/web/proxy.ts': REFUSES.replace('middleware(', 'proxy(') }, route)).toBe('guarded')
    expect(standing({ 'apps/admin/middleware.ts': REFUSES }, route)).toBe('open')
    expect(standing({ 'lib/middleware.ts': REFUSES }, route)).toBe('open')
  })
})

describe('names lie: it guards where it refuses', () => {
  test.each([
    [
      'a session that is only refreshed',
      `import { updateSession } from './lib/session'\nexport const middleware = (request) => updateSession(request)`,
      `import { createServerClient } from '@supabase/ssr'
      import { NextResponse } from 'next/server'
      export async function updateSession(request) {
        const supabase = createServerClient('', '', {})
        await supabase.auth.getUser()
        return NextResponse.next({ request })
      }`,
      'open',
    ],
    [
      'a session without which it redirects, but for the pages of signing in',
      `import { updateSession } from './lib/session'\nexport const middleware = (request) => updateSession(request)`,
      `import { createServerClient } from '@supabase/ssr'
      import { NextResponse } from 'next/server'
      export async function updateSession(request) {
        let response = NextResponse.next({ request })
        const supabase = createServerClient('', '', { cookies: { setAll() { response = NextResponse.next({ request }) } } })
        const { data: { user } } = await supabase.auth.getUser()
        if (!user && !request.nextUrl.pathname.startsWith('/login')) {
          const url = request.nextUrl.clone()
          url.pathname = '/login'
          return NextResponse.redirect(url)
        }
        return response
      }`,
      'guarded',
    ],
    [
      'the paths that it is about are others',
      `import { getToken } from 'next-auth/jwt'
      import { NextResponse } from 'next/server'
      const PROTECTED = ['/dashboard', '/settings']
      export async function middleware(req) {
        const { pathname } = req.nextUrl
        if (PROTECTED.some((prefix) => pathname.startsWith(prefix)) && !(await getToken({ req })))
          return NextResponse.redirect(new URL('/login', req.url))
      }`,
      '',
      'open',
    ],
    [
      'a test that can’t be followed decides',
      `import { getToken } from 'next-auth/jwt'
      import { NextResponse } from 'next/server'
      import { isOpen } from 'somewhere'
      export async function middleware(req) {
        if (!isOpen(req) && !(await getToken({ req }))) return NextResponse.redirect(new URL('/login', req.url))
      }`,
      '',
      'unsure',
    ],
    [
      'a cookie that is there proves nothing',
      `import { NextResponse } from 'next/server'
      export function middleware(request) {
        if (!request.cookies.get('session')) return NextResponse.redirect(new URL('/login', request.url))
        return NextResponse.next()
      }`,
      '',
      'unsure',
    ],
  ])('%s', (_, middleware, session, expected) => {
    expect(standing({ 'middleware.ts': middleware, 'lib/session.ts': session })).toBe(expected)
  })
})

const clerk = (handler: string) =>
  `import { clerkMiddleware, createRouteMatcher } from '@clerk/nextjs/server'
  const isPublic = createRouteMatcher(['/', '/sign-in(.*)', '/api/webhooks(.*)'])
  const isProtected = createRouteMatcher(['/dashboard(.*)', '/api/posts(.*)'])
  export default clerkMiddleware(${handler})`
const authorized = (callback: string) =>
  `import NextAuth from 'next-auth'
  const { auth } = NextAuth({ providers: [], callbacks: { ${callback} } })
  export { auth as middleware }`

describe('middleware of libraries', () => {
  test.each([
    ['Clerk without a handler', clerk(''), 'open'],
    [
      'Clerk, all but what is public',
      clerk('async (auth, req) => { if (!isPublic(req)) await auth.protect() }'),
      'guarded',
    ],
    [
      'Clerk, what is protected',
      clerk('async (auth, req) => { if (isProtected(req)) await auth.protect() }'),
      'guarded',
    ],
    ['Clerk, what is public alone', clerk('async (auth, req) => { if (isPublic(req)) await auth.protect() }'), 'open'],
    [
      'Clerk, by hand',
      clerk(
        'async (auth, req) => { const { userId, redirectToSignIn } = await auth(); if (!userId && isProtected(req)) return redirectToSignIn() }',
      ),
      'guarded',
    ],
    [
      'Clerk before 5',
      "import { authMiddleware } from '@clerk/nextjs'\nexport default authMiddleware({ publicRoutes: ['/', '/api/webhook'] })",
      'guarded',
    ],
    [
      'Clerk before 5, and the route is public',
      "import { authMiddleware } from '@clerk/nextjs'\nexport default authMiddleware({ publicRoutes: ['/api/posts'] })",
      'open',
    ],
    ['next-auth 4', "export { default } from 'next-auth/middleware'", 'guarded'],
    [
      'next-auth 4 that lets everybody in',
      "import { withAuth } from 'next-auth/middleware'\nexport default withAuth(function middleware(req) {}, { callbacks: { authorized: () => true } })",
      'open',
    ],
    [
      'next-auth 4 with a callback',
      "import { withAuth } from 'next-auth/middleware'\nexport default withAuth({ callbacks: { authorized: ({ token }) => !!token } })",
      'guarded',
    ],
    ['Auth.js without a callback', authorized(''), 'open'],
    ['Auth.js with one', authorized('authorized: async ({ auth }) => !!auth'), 'guarded'],
    [
      'Auth.js with one that looks at the path',
      authorized(`authorized({ auth, request: { nextUrl } }) {
        const isLoggedIn = !!auth?.user
        if (nextUrl.pathname.startsWith('/api')) { if (isLoggedIn) return true; return false }
        return true
      }`),
      'guarded',
    ],
    [
      'Auth.js around a handler',
      `import NextAuth from 'next-auth'
      const { auth } = NextAuth({ providers: [] })
      export default auth((req) => {
        if (!req.auth && req.nextUrl.pathname !== '/login') return Response.redirect(new URL('/login', req.nextUrl.origin))
      })`,
      'guarded',
    ],
  ])('%s', (_, middleware, expected) => {
    expect(standing({ 'middleware.ts': middleware })).toBe(expected)
  })
})

test('it is known where only the route has changed', () => {
  const tree = treeOf({ 'middleware.ts': REFUSES, 'app/api/posts/route.ts': WORK })
  const [traced] = readEntries(tree, undefined, (path) => path === 'app/api/posts/route.ts')
  expect(isGuarded(traced!.facts.find(({ fact }) => fact === 'query')!.known)).toBe(true)
})

test('where it was found out is told, with its file', () => {
  const entries = readEntries(treeOf({ 'middleware.ts': REFUSES, 'app/api/posts/route.ts': WORK }))
  const guard = entries[0]!.facts.find(({ fact }) => fact === 'guard')
  expect(guard?.file.path).toBe('middleware.ts')
  expect(guard?.file.placeOf(guard.node.start).line).toBe(5)
})

test('an API of the pages router is an endpoint, behind the same', () => {
  const code = `import { db } from './db'
  export default async function handler(req, res) {
    if (req.method === 'DELETE') await db.post.deleteMany({})
    res.status(204).end()
  }`
  const db = "import { PrismaClient } from '@prisma/client'\nexport const db = new PrismaClient()"
  const files = { 'pages/api/posts/[id].ts': code, 'pages/api/posts/db.ts': db }
  const [open] = readEntries(treeOf(files))
  expect(open?.entry).toMatchObject({ symbol: 'handler', path: '/api/posts/:id', method: null })
  expect(open?.facts.map(({ known }) => isGuarded(known))).toContain(false)
  const [guarded] = readEntries(treeOf({ ...files, 'middleware.ts': REFUSES }))
  expect(isGuarded(guarded!.facts.find(({ fact }) => fact === 'query')!.known)).toBe(true)
})

test.each([
  ['/a/b', '/a/:rest*', true],
  ['/a', '/a/:rest*', true],
  ['/a', '/a/:rest+', false],
  ['/ab', '/a/:rest*', false],
  ['/docs/x.png', '/docs/x.png', true],
  ['/docs/xapng', '/docs/x.png', false],
  ['/en/a', '/:locale(en|de)/a', true],
  ['/fr/a', '/:locale(en|de)/a', false],
  ['/a', '(.*)(.*)(.*)(.*)(.*)x', undefined],
  ['/a', '/a(', undefined],
])('%s fits %s: %s', (path, pattern, expected) => {
  expect(fitsPattern(path, pattern)).toBe(expected)
})
