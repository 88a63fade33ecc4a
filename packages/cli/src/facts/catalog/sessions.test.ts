import { expect, test } from 'vitest'
import { isGuarded } from '../ask/guarded.js'
import { isCallers } from '../ask/callers-own.js'
import { readEntries } from '../read-project.js'
import { treeOf } from '../source/read-tree.js'

const REFUSE = "return new Response('Unauthorized', { status: 401 })"

/** Each library, as its documentation has it asked, and the id of whoever it says is calling. */
const LIBRARIES: readonly (readonly [string, string, string, string])[] = [
  [
    'Lucia',
    "import { Lucia } from 'lucia'\nconst lucia = new Lucia(adapter)",
    "const { session, user } = await lucia.validateSession((await cookies()).get('s')?.value ?? '')",
    'user',
  ],
  [
    'Auth0 4',
    "import { Auth0Client } from '@auth0/nextjs-auth0/server'\nconst auth0 = new Auth0Client()",
    'const session = await auth0.getSession()',
    'session?.user',
  ],
  [
    'Auth0 3',
    "import { getSession } from '@auth0/nextjs-auth0'",
    'const session = await getSession()',
    'session?.user',
  ],
  ['WorkOS', "import { withAuth } from '@workos-inc/authkit-nextjs'", 'const { user } = await withAuth()', 'user'],
  [
    'Kinde',
    "import { getKindeServerSession } from '@kinde-oss/kinde-auth-nextjs/server'",
    'const { getUser } = getKindeServerSession()\nconst user = await getUser()',
    'user',
  ],
  [
    'Stack Auth',
    "import { StackServerApp } from '@stackframe/stack'\nconst app = new StackServerApp({})",
    'const user = await app.getUser()',
    'user',
  ],
  [
    'iron-session',
    "import { getIronSession } from 'iron-session'",
    'const { user } = await getIronSession(await cookies(), {})',
    'user',
  ],
  [
    'Logto',
    "import { getLogtoContext } from '@logto/next/server-actions'",
    'const { claims } = await getLogtoContext({})',
    'claims',
  ],
]

const own = (who: string) => `{ authorId: ${who.replace('?', '')}.id }`

/** Whether what deletes something is guarded, and whether it is the caller's. */
function standing(imports: string, asked: string, where: string, refusal: string) {
  const route = `import { cookies } from 'next/headers'
import { PrismaClient } from '@prisma/client'
${imports}
const db = new PrismaClient()
export async function DELETE(request: Request) {
  ${asked}
  ${refusal}
  await db.post.deleteMany({ where: ${where} })
  return new Response(null, { status: 204 })
}`
  const [entry] = readEntries(treeOf({ 'app/api/posts/route.ts': route }))
  const query = entry!.facts.find(({ fact }) => fact === 'query')
  if (query?.fact !== 'query') throw new Error('It asks nothing of the database')
  return { guarded: isGuarded(query.known), own: query.keys.some(({ value }) => isCallers(value, query.known)) }
}

test.each(LIBRARIES)(
  '%s says who is calling, and where nobody is asked whether there is one, nobody is known',
  (_, ...asked) => {
    const [imports, ask, who] = asked
    expect(standing(imports, ask, own(who), `if (!${who}) ${REFUSE}`)).toEqual({ guarded: true, own: true })
    expect(standing(imports, ask, '{}', `if (!${who}) console.warn('nobody')`)).toEqual({ guarded: false, own: false })
  },
)

test.each([
  [
    'WorkOS',
    "import { withAuth } from '@workos-inc/authkit-nextjs'",
    'const { user } = await withAuth({ ensureSignedIn: true })',
    'user',
  ],
  [
    'Stack Auth',
    "import { StackServerApp } from '@stackframe/stack'\nconst app = new StackServerApp({})",
    "const user = await app.getUser({ or: 'redirect' })",
    'user',
  ],
  [
    'Firebase',
    "import { getAuth } from 'firebase-admin/auth'",
    "const user = await getAuth().verifyIdToken(request.headers.get('authorization') ?? '')",
    'user',
  ],
  [
    'Privy',
    "import { PrivyClient } from '@privy-io/server-auth'\nconst privy = new PrivyClient('a', 'b')",
    "const user = await privy.verifyAuthToken(request.headers.get('authorization') ?? '')",
    'user',
  ],
])('%s goes no further where nobody is', (_, imports, ask, who) => {
  expect(standing(imports, ask, own(who), '')).toEqual({ guarded: true, own: true })
})
