import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { makeProject, POSTERN, type TestProject } from '../test/with-project.js'

vi.setConfig({ testTimeout: 180_000, hookTimeout: 60_000 })

const README = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8')
/** The files of "In your own project", by the name in the first line of each; what is not said there is not there. */
const FILES = Object.fromEntries(
  [...README.split('## In your own project')[1]!.matchAll(/```ts\n\/\/ (\S+)\n(.*?)```/gs)].map(
    ([, name = '', text = '']) => [name, text],
  ),
)

describe('the files of the README, in a project that npm init made', () => {
  let project: TestProject
  beforeAll(() => {
    project = makeProject({ ...FILES, 'package.json': '{ "type": "commonjs" }' })
  })

  test('give a migration, and routes that are guarded', async () => {
    expect(await project.postern(['migrate', 'new'])).toMatchObject({ code: 0, stderr: '' })
    const { stdout } = await project.postern(['routes'])
    for (const line of [/GET +\/api\/notes\/:id +user +sees notes/, /PATCH +\/api\/notes\/:id +user +owns notes/])
      expect(stdout).toMatch(line)
  })

  test('run under dev, and let nobody in without a token', async () => {
    const server = project.launch([POSTERN, 'dev', '--port', '0'])
    const [, url = ''] = await server.says(/Listening on (http\S+)/)
    expect((await fetch(`${url}/api/notes/1`)).status).toBe(401)
    expect((await fetch(`${url}/api/notes/1`, { headers: { authorization: 'Bearer a.b.c' } })).status).toBe(401)
    await server.stop()
  })
})
