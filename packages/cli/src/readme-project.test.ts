import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { makeProject, POSTERN, type TestProject } from '../test/with-project.js'

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 })

const README = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8')
const BLOCKS = [
  ...README.split('## In your own project')[1]!
    .split('\n## ')[0]!
    .matchAll(/^```(\w+)\n([\s\S]*?)^```/gm),
].map(([, language = '', text = '']) => ({ language, text }))

/** The files of "In your own project", by the name in the first line of each; what is not said there is not there. */
const FILES = Object.fromEntries(
  BLOCKS.filter(({ language }) => language === 'ts').map(({ text }) => {
    const [, name = '', rest = ''] = /^\/\/ (\S+)\n([\s\S]*)/.exec(text) ?? []
    return [name, rest]
  }),
)

/** What is typed before the first curl. The packages are there already: what installing them brings is packaging.test.ts. */
const COMMANDS = BLOCKS.filter(({ language, text }) => language === 'sh' && !text.includes('curl '))
  .flatMap(({ text }) => text.trim().split('\n'))
  .filter((line) => !line.startsWith('npm install '))

const DEV = 'npx postern dev'

const REQUESTS = BLOCKS.flatMap(({ language, text }, index) =>
  language === 'sh' && text.includes('curl ') ? [{ script: text, output: BLOCKS[index + 1]! }] : [],
)

describe('the files of the README, in a project that npm init made', () => {
  let project: TestProject
  beforeAll(async () => {
    project = makeProject({ ...FILES, 'package.json': '{ "type": "commonjs" }' })
    for (const line of COMMANDS.filter((one) => one !== DEV)) await type(project, line)
  })

  test('answer the lines as pasted with what is shown', async () => {
    expect(COMMANDS.at(-1)).toBe(DEV)
    const server = project.launch([POSTERN, 'dev', '--port', '0'])
    const [, url = ''] = await server.says(/Listening on (http\S+)/)
    expect((await fetch(`${url}/api/notes`)).status).toBe(401)

    expect(REQUESTS).toHaveLength(3)
    // One terminal for all of them: what the first line reads from .env is there for the others.
    const scripts = REQUESTS.map(({ script }) => `${script.replaceAll('http://127.0.0.1:3000', url)}\nprintf '\\0'`)
    const said = execFileSync('sh', ['-c', scripts.join('\n')], { cwd: project.directory, encoding: 'utf8' })
    expect(said.split('\0').slice(0, -1).map(comparable)).toEqual(REQUESTS.map(({ output }) => comparable(output.text)))
    await server.stop()
  })

  test('are guarded, each method', async () => {
    const { stdout } = await project.postern(['routes'])
    for (const line of [
      /GET +\/api\/notes +user/,
      /POST +\/api\/notes +user/,
      /GET +\/api\/notes\/:id +user +sees notes/,
      /PATCH +\/api\/notes\/:id +user +owns notes/,
      /DELETE +\/api\/notes\/:id +user +owns notes/,
    ])
      expect(stdout).toMatch(line)
  })

  test('let nobody in with a wrong key, with half of one, or where the environment has none', async () => {
    const server = project.launch([POSTERN, 'dev', '--port', '0'], { ALICE_KEY: 'alice-has-this-one', BOB_KEY: '' })
    const [, url = ''] = await server.says(/Listening on (http\S+)/)
    const statusFor = async (authorization: string) =>
      (await fetch(`${url}/api/notes`, { headers: { authorization } })).status
    expect(await statusFor('Bearer alice-has-this-one')).toBe(200)
    for (const wrong of ['alice-has-this-one', 'Bearer alice-has-this', 'Bearer', 'Bearer ', 'Bearer undefined'])
      expect(await statusFor(wrong), wrong).toBe(401)
    await server.stop()
  })
})

/** As a person types it, in the folder of the project; a command that fails or warns is thrown. */
async function type(project: TestProject, line: string): Promise<void> {
  const [, words] = /^npx postern (.*)/.exec(line) ?? []
  if (words === undefined) return void execFileSync('sh', ['-c', line], { cwd: project.directory })
  const { code, stdout, stderr } = await project.postern(words.split(' '))
  if (code !== 0 || stderr !== '') throw new Error(`${line} ended with ${code}: ${stdout}${stderr}`)
}

/** What differs from run to run is left out; all the rest must be what the README shows. */
function comparable(text: string): string {
  return text
    .replace(/"requestId":"[\w-]{36}"/, '"requestId":"…"')
    .replace(/"\d{4}-\d\d-\d\dT[\d:.]+Z"/g, '"(instant)"')
    .trim()
}
