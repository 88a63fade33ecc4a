import { describe, expect, test } from 'vitest'
import { audit } from '../audit.js'
import { treeOf } from '../facts/source/read-tree.js'
import { RULEBOOK } from './rulebook.js'

/** `before` is what the whole app passes; `guard` stands in front of the one handler, with a comma behind it. */
const checked = async (imports: string, before: string, guard = '') =>
  (
    await audit(
      treeOf({
        'src/index.ts': `import express from 'express'
import { PrismaClient } from '@prisma/client'
${imports}
const db = new PrismaClient()
const app = express()
app.use(express.json({ limit: '100kb' }))
${before}
app.delete('/posts', ${guard} async (req, res) => { await db.post.deleteMany(); res.sendStatus(204) })
app.listen(3000)`,
      }),
      RULEBOOK,
    )
  ).findings.map(({ rule, confidence }) => `${rule} ${confidence}`)

const SESSION = "import session from 'express-session'"
const PASSPORT = "import passport from 'passport'"
const CLERK = "import { clerkMiddleware, getAuth, requireAuth } from '@clerk/express'"
const OLD_CLERK = "import { ClerkExpressRequireAuth, ClerkExpressWithAuth } from '@clerk/clerk-sdk-node'"
const KEYCLOAK = "import Keycloak from 'keycloak-connect'\nconst keycloak = new Keycloak({})"
const SUPERTOKENS =
  "import { middleware } from 'supertokens-node/framework/express'\nimport { verifySession } from 'supertokens-node/recipe/session/framework/express'"

describe('a session is read, and nobody is refused', () => {
  test.each<[string, string, string, string?]>([
    ['express-session', SESSION, 'app.use(session({ secret: process.env.SECRET!, saveUninitialized: false }))'],
    ['cookie-session', "import session from 'cookie-session'", 'app.use(session({ keys: [process.env.SECRET!] }))'],
    ['passport', PASSPORT, 'app.use(passport.initialize())\napp.use(passport.session())'],
    ["passport's session by name", PASSPORT, "app.use(passport.authenticate('session'))"],
    ['whoever comes', PASSPORT, '', "passport.authenticate(['jwt', 'anonymous'], { session: false }),"],
    ['Clerk', CLERK, 'app.use(clerkMiddleware())'],
    ['Clerk as it was', OLD_CLERK, 'app.use(ClerkExpressWithAuth())'],
    ['SuperTokens', SUPERTOKENS, 'app.use(middleware())', 'verifySession({ sessionRequired: false }),'],
    ['Keycloak', KEYCLOAK, 'app.use(keycloak.middleware())'],
    ['OpenID Connect', "import { auth } from 'express-openid-connect'", 'app.use(auth({ authRequired: false }))'],
  ])('%s', async (_, imports, before, guard) => {
    expect(await checked(imports, before, guard)).toEqual(['auth-missing high'])
  })
})

describe('whoever does not show who is calling is refused', () => {
  test.each<[string, string, string, string?]>([
    ['passport', PASSPORT, 'app.use(passport.initialize())', "passport.authenticate('jwt', { session: false }),"],
    ['Clerk', CLERK, 'app.use(clerkMiddleware())', 'requireAuth(),'],
    [
      'Clerk, asked by hand',
      CLERK,
      'app.use(clerkMiddleware())',
      '(req, res, next) => { if (!getAuth(req).userId) return res.sendStatus(401); next() },',
    ],
    ['Clerk as it was', OLD_CLERK, '', 'ClerkExpressRequireAuth(),'],
    [
      'a session with somebody in it',
      SESSION,
      'app.use(session({ secret: process.env.SECRET! }))',
      '(req, res, next) => { if (!req.session.userId) return res.sendStatus(401); next() },',
    ],
    ['SuperTokens', SUPERTOKENS, 'app.use(middleware())', 'verifySession(),'],
    ['Keycloak', KEYCLOAK, 'app.use(keycloak.middleware())', 'keycloak.protect(),'],
    ['OpenID Connect', "import { auth } from 'express-openid-connect'", 'app.use(auth())'],
    [
      'Basic',
      "import basicAuth from 'express-basic-auth'",
      'app.use(basicAuth({ users: { admin: process.env.ADMIN_PASSWORD! } }))',
    ],
  ])('%s', async (_, imports, before, guard) => {
    expect(await checked(imports, before, guard)).toEqual([])
  })
})
