import { createHmac } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { makeProject, NOTES, POSTERN, type TestProject } from '../../test/with-project.js'

const SECRET = 'whsec_of_a_test_0123456789'

async function send(url: string, id: string, type: string): Promise<number> {
  const body = JSON.stringify({ id, type, data: { object: { text: 'hello' } } })
  const time = Math.floor(Date.now() / 1_000)
  const signature = createHmac('sha256', SECRET).update(`${time}.${body}`).digest('hex')
  const headers = { 'stripe-signature': `t=${time},v1=${signature}` }
  return (await fetch(`${url}/api/stripe`, { method: 'POST', body, headers })).status
}

describe('postern webhooks, in a project with one', () => {
  let project: TestProject
  beforeAll(async () => {
    project = makeProject({
      ...NOTES,
      'app/api/stripe/route.ts': `import { PermanentError, stripe } from 'postern/webhooks'
import { backend } from '../../../backend.js'
export const POST = backend.webhook({
  name: 'stripe',
  from: stripe({ secrets: '${SECRET}' }),
  on: {
    'note.made': async ({ event, db }) => { await db.notes.create({ ownerId: 'alice', text: String(event.data['text']) }) },
    'note.broken': () => { throw new PermanentError('Nobody reads this \\u001b[31m') },
  },
})
`,
    })
    const made = await project.postern(['migrate', 'new', 'first'])
    if (made.code !== 0) throw new Error(made.stderr)
    const server = project.launch([POSTERN, 'start', '--port', '0'])
    const url = (await server.says(/(http:\/\/127\.0\.0\.1:\d+)/))[1]!
    const statuses = [
      await send(url, 'evt_1', 'note.made'),
      await send(url, 'evt_1', 'note.made'),
      await send(url, 'evt_2', 'note.broken'),
    ]
    if (statuses.some((status) => status !== 200)) throw new Error(`${statuses.join()}\n${server.said()}`)
    await server.stop()
  })
  const ids = async () => {
    const { stdout } = await project.postern(['webhooks', 'list', '--json'])
    const { deliveries } = JSON.parse(stdout) as {
      deliveries: { id: string; key: string; status: string; duplicates: number }[]
    }
    return new Map(deliveries.map((each) => [each.key, each]))
  }

  test('is in the inventory: by whom it is signed, at which address, and where it is written', async () => {
    const { stdout } = await project.postern(['routes'])
    expect(stdout).toMatch(/^POST +\/api\/stripe +signed: stripe .*app\/api\/stripe\/route\.ts/m)
    const { endpoints } = JSON.parse((await project.postern(['routes', '--json'])).stdout) as { endpoints: object[] }
    expect(endpoints).toContainEqual(
      expect.objectContaining({
        kind: 'webhook',
        name: 'stripe',
        provider: 'stripe',
        method: 'POST',
        path: '/api/stripe',
        auth: 'public',
        publicReason: 'signed by stripe',
        idempotent: true,
        file: 'app/api/stripe/route.ts',
      }),
    )
  })

  test('lists what came, how often, and what became of it', async () => {
    const { stdout } = await project.postern(['webhooks', 'list'])
    expect(stdout).toMatch(/stripe\s+note\.broken\s+dead\s+1\/12\s+0/)
    expect(stdout).toMatch(/stripe\s+note\.made\s+succeeded\s+1\/12\s+1/)
    expect(stdout).not.toContain('\u001b')
    const dead = await project.postern(['webhooks', 'list', '--status', 'dead', '--json'])
    expect(JSON.parse(dead.stdout)).toMatchObject({
      version: 1,
      deliveries: [{ key: 'id:evt_2', type: 'note.broken' }],
    })
    expect(await project.postern(['webhooks', 'list', '--status', 'lost'])).toMatchObject({ code: 2, stdout: '' })
    const found = async (...flags: string[]) => (await project.postern(['webhooks', 'list', ...flags])).stdout
    expect(await found('--error', 'NOBODY reads', '--since', '2026-01-01')).toMatch(/note\.broken(?![^]*note\.made)/)
    expect(await found('--until', '2026-01-01T00:00:00Z')).toContain('No events')
    expect(await project.postern(['webhooks', 'list', '--since', '1'])).toMatchObject({ code: 2, stdout: '' })
  })

  test('shows one, replays what is dead, and what has succeeded by force and with a reason alone', async () => {
    const all = await ids()
    const [done, dead] = [all.get('id:evt_1')!.id, all.get('id:evt_2')!.id]
    const shown = await project.postern(['webhooks', 'show', dead])
    expect([shown.code, shown.stdout]).toEqual([0, expect.stringContaining('Nobody reads this')])
    expect((await project.postern(['webhooks', 'show', 'nonsense'])).code).toBe(1)
    expect((await project.postern(['webhooks', 'replay', done])).stdout).toContain('it has succeeded')
    expect(await project.postern(['webhooks', 'replay', done, '--force'])).toMatchObject({ code: 2 })
    expect(await project.postern(['webhooks', 'replay', dead, '--per-minute', '0'])).toMatchObject({ code: 2 })
    expect(await project.postern(['webhooks', 'replay', '--error', 'nobody reads'])).toMatchObject({ code: 0 })
    const forced = await project.postern(['webhooks', 'replay', done, '--force', '--reason', 'restored', '--json'])
    expect(JSON.parse(forced.stdout)).toMatchObject({ replayed: [{ id: done, replayed: true }] })
    expect([...(await ids()).values()].map(({ status }) => status).toSorted()).toEqual([
      'received',
      'received',
      'succeeded',
    ])
  })

  test('prunes', async () => {
    const { stdout } = await project.postern(['webhooks', 'prune', '--done-days', '0', '--json'])
    expect(JSON.parse(stdout)).toEqual({ version: 1, bodies: 1, rows: 0 })
  })
})
