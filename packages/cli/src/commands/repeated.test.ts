import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { makeProject, NOTES, POSTERN } from '../../test/with-project.js'

vi.setConfig({ testTimeout: 240_000 })

const LOOP = `import { sql } from 'drizzle-orm'
import { endpoint } from '../../../backend.js'

interface Answer { readonly ok: boolean } // Types go when it is compiled, and lines move.

export const GET = endpoint({ public: 'a test' }, async ({ db }): Promise<Answer> => {
  for (let n = 0; n < 5; n += 1) await db.execute(sql\`select \${n}::int\`)
  for (let n = 0; n < 6; n += 1)
    await db.asService('a test').notes.findOptional('1')
  return { ok: true }
})
`

test.each([
  ['dev', { hears: true }],
  ['start', { hears: false }],
])('%s tells of a statement that a request repeats, by the line that was written', async (command, { hears }) => {
  const project = makeProject({ ...NOTES, 'app/api/loop/route.ts': LOOP })
  await project.postern(['migrate', 'new'])
  const environment = hears ? {} : { NODE_ENV: 'production', POSTERN_EMBEDDED: '1' }
  const server = project.launch([POSTERN, command, '--port', '0'], environment)
  const [, url = ''] = await server.says(/Listening on (http\S+)/)
  expect(await (await fetch(`${url}/api/loop`)).json()).toEqual({ ok: true })
  await server.says(/"path":"\/api\/loop"/)
  const told = server
    .said()
    .split('\n')
    .filter((line) => line.includes('ran a statement'))
    .map((line) => JSON.parse(line) as Record<string, unknown>)
  const route = join(project.directory, 'app/api/loop/route.ts')
  const expected = [
    expect.objectContaining({
      level: 40,
      times: 5,
      statement: 'select $1::int',
      place: expect.stringMatching(`^${route}:7:`),
    }),
    expect.objectContaining({
      level: 40,
      times: 6,
      hint: expect.stringContaining('inArray'),
      place: expect.stringMatching(`^${route}:9:`),
    }),
  ]
  expect(told).toEqual(hears ? expected : [])
})
