import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { makeProject, NOTES, POSTERN } from '../../test/with-project.js'

// Each step is a process of its own that opens a database; on a busy machine that takes its time.
vi.setConfig({ testTimeout: 120_000 })

test('a command beside another of the same verb leaves that one its code, and clears up after itself', async () => {
  const project = makeProject(NOTES)
  await project.postern(['migrate', 'new'])
  const code = join(project.directory, '.postern', 'code')
  project.write(`.postern/code/start-${2 ** 22 + 1}/server.mjs`, 'of a process that was killed')
  const server = project.launch([POSTERN, 'start'], { PORT: '0' })
  await server.says(/Listening on/)
  const own = `start-${server.child.pid}`
  expect(readdirSync(code)).toEqual([own])
  expect((await project.postern(['start'], { PORT: '0' })).stderr).toContain('in use by process')
  expect(readdirSync(code)).toEqual([own])
  expect(readdirSync(join(code, own))).toEqual(['server.mjs', 'server.mjs.map'])
  expect(await server.stop()).toBe(0)
  expect(existsSync(join(code, own))).toBe(false)
})

test('many at once all have their answer', async () => {
  const project = makeProject(NOTES)
  const outcomes = await Promise.all(Array.from({ length: 4 }, () => project.postern(['routes', '--json'])))
  for (const { code, stdout } of outcomes) {
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ endpoints: [{ path: '/api/hello' }] })
  }
})
