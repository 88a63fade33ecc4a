import { expect, test } from 'vitest'
import { makeProject, NOTES } from '../../test/with-project.js'

const ACTIONS = `// What the pages of notes do.
'use server'
import 'server-only'
import { redirect } from 'next/navigation'
import { action } from '../../backend.ts'

export const leave = action({ name: 'leave' }, () => redirect('/'))
export const greet = action({ public: 'a greeting', name: 'greet', rateLimit: { limit: 5, per: 'minute' } }, () => 'hello')

export async function bare() {
  return 1
}
`
const LATER = `import { action } from './backend.ts'
export const unlisted = action({}, () => 1)
`

test('routes lists the server actions of a project, by name and place, and what nothing guards', async () => {
  const backend = NOTES['backend.ts']!.replace('export const { endpoint }', 'export const { endpoint, action }')
  const project = makeProject({ ...NOTES, 'backend.ts': backend, 'app/notes/actions.ts': ACTIONS, 'later.ts': LATER })
  const { stdout, code, stderr } = await project.postern(['routes', '--json'])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const { endpoints } = JSON.parse(stdout) as { endpoints: { kind: string; name: string | null }[] }
  const file = 'app/notes/actions.ts'
  expect(endpoints.filter(({ name }) => name !== null)).toEqual([
    {
      kind: 'action',
      name: 'leave',
      method: 'POST',
      path: '',
      file,
      line: 7,
      auth: 'user',
      publicReason: null,
      params: false,
      query: false,
      body: false,
      owns: null,
      sees: null,
      unowned: null,
      paginated: false,
      response: false,
      rateLimit: null,
      idempotent: false,
      provider: null,
    },
    expect.objectContaining({
      kind: 'action',
      name: 'greet',
      line: 8,
      auth: 'public',
      publicReason: 'a greeting',
      rateLimit: { limit: 5, per: 'minute' },
    }),
    expect.objectContaining({ kind: 'unguarded', name: 'bare', line: 10, auth: null }),
  ])
  const table = (await project.postern(['routes'])).stdout
  expect(table).toMatch(/^action +leave +user .*app\/notes\/actions\.ts:7$/m)
  expect(table).toMatch(/^action +bare +a bare function: .*app\/notes\/actions\.ts:10$/m)
})
