import { join } from 'node:path'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { makeProject, NOTES, POSTERN, type TestProject } from '../../test/with-project.js'

vi.setConfig({ testTimeout: 180_000 })

/** A worker that says what happens to it. */
const WORKERS = `import { backend } from './backend.js'
backend[Symbol.for('postern.runtime')].workers.ensure('words', () => ({
  name: 'words',
  async start() {
    console.log('the worker began')
    return { stop: async () => console.log('the worker ended') }
  },
}))
`

describe('backend.workers.ts', () => {
  let project: TestProject
  beforeAll(async () => {
    project = makeProject({ ...NOTES, 'backend.workers.ts': WORKERS })
    await project.postern(['migrate', 'new'])
    await project.postern(['build'])
  })

  test('is left alone by what works on the database: a broken one must not stand in the way of a migration', async () => {
    const broken = makeProject({ ...NOTES, 'backend.workers.ts': "throw new Error('broken')" })
    expect(await broken.postern(['migrate', 'new'])).toMatchObject({ code: 0 })
    const { code, stderr } = await broken.postern(['start', '--worker'])
    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining('backend.workers.ts:1 throws while it is loaded: broken'),
    ])
  })

  test.each([
    ['postern start --worker', [POSTERN, 'start', '--worker'], /Working; it listens on no port/],
    ['node dist/server.js --worker', [join('dist', 'server.js'), '--worker'], /worker started: words/],
  ])('runs by %s, which listens to nobody and ends with 0 on a signal', async (_name, command, greeting) => {
    const worker = project.launch(command, { PORT: '1' })
    await worker.says(greeting)
    expect(worker.said()).toContain('the worker began')
    expect(worker.said()).not.toMatch(/listening on http/i)
    expect(await worker.stop()).toBe(0)
    expect(worker.said()).toContain('the worker ended')
  })

  test.each([
    ['postern start', [POSTERN, 'start', '--port', '0']],
    ['postern dev', [POSTERN, 'dev', '--port', '0']],
    ['node dist/server.js', [join('dist', 'server.js')]],
  ])('runs beside requests by %s', async (_name, command) => {
    const server = project.launch(command, { PORT: '0' })
    await server.says(/listening on http/i)
    expect(server.said()).toContain('the worker began')
    expect(await server.stop()).toBe(0)
    expect(server.said()).toContain('the worker ended')
  })

  test('under dev the worker of the old code ends when that of the new has begun', async () => {
    const server = project.launch([POSTERN, 'dev', '--port', '0'])
    await server.says(/Listening on http/)
    project.write('backend.workers.ts', WORKERS.replaceAll('the worker', 'the new worker'))
    await server.says(/Reloaded/)
    await server.says(/the worker ended/)
    expect(server.said().indexOf('the new worker began')).toBeLessThan(server.said().indexOf('the worker ended'))
    expect(await server.stop()).toBe(0)
    expect(server.said()).toContain('the new worker ended')
  })
})

test('a project without webhooks and jobs has nothing to work on, and is told what to write where', async () => {
  const project = makeProject(NOTES)
  await project.postern(['migrate', 'new'])
  const { code, stderr } = await project.postern(['start', '--worker'])
  expect(code).toBe(2)
  expect(stderr).toMatch(/There is nothing to run: .*no webhooks and no jobs\n {2}Import .* in backend\.workers\.ts/)
})

test('jobs are listed with their schedules, and run by the process that only works', async () => {
  const project = makeProject({
    ...NOTES,
    'jobs.ts': `import { backend } from './backend.js'
export const nightly = backend.job({ name: 'nightly', schedule: '0 3 * * *' }, () => {})
export const greet = backend.job({ name: 'greet' }, async ({ db, principal, log }) => {
  log.info('greeted ' + principal?.id)
})
`,
    'backend.workers.ts': "import './jobs.js'\n",
    'app/api/greet/route.ts': `import { endpoint } from '../../../backend.js'
import { greet } from '../../../jobs.js'
export const POST = endpoint({ public: 'a test' }, async ({ db }) => {
  await db.asService('a test').enqueue(greet)
})
`,
  })
  await project.postern(['migrate', 'new'])
  const { stdout } = await project.postern(['routes'])
  expect(stdout).toMatch(/^job +nightly +service +0 3 \* \* \* UTC +jobs\.ts:2$/m)
  expect(stdout).toMatch(/^job +greet +whoever enqueued it +jobs\.ts:3$/m)
  const listed = JSON.parse((await project.postern(['routes', '--json'])).stdout) as { endpoints: object[] }
  expect(listed.endpoints).toContainEqual(
    expect.objectContaining({
      kind: 'job',
      name: 'nightly',
      file: 'jobs.ts',
      line: 2,
      schedule: { cron: '0 3 * * *', timeZone: 'UTC' },
    }),
  )
  const server = project.launch([POSTERN, 'start', '--port', '0'])
  const [, url] = await server.says(/Listening on (http\S+)/)
  await fetch(`${url}/api/greet`, { method: 'POST' })
  await server.says(/job greet done/)
  expect(await server.stop()).toBe(0)
})
