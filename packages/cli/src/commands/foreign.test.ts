import { describe, expect, test, vi } from 'vitest'
import { makeProject, POSTERN } from '../../test/with-project.js'

vi.setConfig({ testTimeout: 180_000 })

const BACKEND = `import { createBackend } from 'postern'
const client = { find: async (id) => (id === '1' ? { id, title: 'Its own' } : null) }
export const backend = createBackend({ database: client, auth: () => null })
export const { endpoint } = backend
`
const ROUTE = `import { endpoint } from '../../../../backend.js'
export const GET = endpoint({ public: 'a test', sees: ({ db, id }) => db.find(id) }, ({ resource }) => resource)
`

describe('a project with a database client of its own', () => {
  const project = makeProject({ 'backend.ts': BACKEND, 'app/api/posts/[id]/route.ts': ROUTE })

  test('is served and listed, and nothing is migrated', async () => {
    const listed = await project.postern(['routes'])
    expect(listed.stdout).toMatch(/GET +\/api\/posts\/:id +public: a test +sees function/)
    const server = project.launch([POSTERN, 'start', '--port', '0'])
    const url = (await server.says(/Listening on (http\S+)/))[1] ?? ''
    await server.says(/Database: a client of your own/)
    expect(await (await fetch(`${url}/api/posts/1`)).json()).toEqual({ id: '1', title: 'Its own' })
    expect((await fetch(`${url}/api/posts/2`, { headers: { connection: 'close' } })).status).toBe(404)
    expect(await server.stop()).toBe(0)
  })

  test.each([[['migrate', 'new']], [['migrate', 'up']], [['migrate', 'status']], [['db', 'reset']]])(
    '%j is left to its own tools, in one sentence',
    async (words) => {
      const { code, stderr } = await project.postern(words)
      expect(code).toBe(2)
      expect(stderr).toMatch(/The database of this backend is a client of your own/)
      expect(stderr).not.toMatch(/^\s+at /m)
    },
  )
})
