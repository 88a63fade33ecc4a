import { describe, expect, test } from 'vitest'
import { countingBackend, guarded } from '../../test/served.js'
import type { Event } from '../events.js'
import { logs, type LogOptions } from './logs.js'
import { serve } from './serve.js'

function recorder(options: LogOptions = {}) {
  let text = ''
  const observe = logs({ pretty: false, ...options, destination: { write: (line: string) => void (text += line) } })
  return {
    observe,
    text: () => text,
    lines: () =>
      text
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as Record<string, unknown>),
  }
}

// Colours are ours where the terminal has them.
const OUR_COLOURS = new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, 'g')

const answered: Extract<Event, { type: 'request.answered' }> = {
  type: 'request.answered',
  requestId: 'request-1',
  method: 'GET',
  path: '/api/items',
  status: 200,
  ms: 1.26,
  principalId: 'alice',
  code: null,
}

describe('one line a request', () => {
  test('says who asked what, how it ended and how long it took', () => {
    const log = recorder()
    log.observe(answered)
    expect(log.lines()).toEqual([
      {
        level: 30,
        time: expect.stringMatching(/^\d{4}-/),
        requestId: 'request-1',
        method: 'GET',
        path: '/api/items',
        status: 200,
        principalId: 'alice',
        ms: 1.3,
        msg: 'GET /api/items 200 in 1.3 ms',
      },
    ])
  })

  test('for people it is one line too', () => {
    const log = recorder({ pretty: true })
    log.observe(answered)
    const line = log.text().replaceAll(OUR_COLOURS, '')
    expect(line).toMatch(/^\[\d\d:\d\d:\d\d\] INFO: GET \/api\/items 200 in 1.3 ms \{.*"requestId":"request-1".*\}\n$/)
  })

  test('a refusal is one line as well: the answer, with its code', () => {
    const log = recorder()
    log.observe({ type: 'request.refused', requestId: 'request-1', code: 'not-found', principalId: null })
    log.observe({ ...answered, status: 404, code: 'not-found' })
    expect(log.lines()).toEqual([
      expect.objectContaining({ level: 30, code: 'not-found', msg: 'GET /api/items 404 not-found in 1.3 ms' }),
    ])
  })

  test('what a start says is left to who greets', () => {
    const [plain, greeted] = [recorder(), recorder({ startLevel: 'debug' })]
    for (const log of [plain, greeted]) {
      log.observe({ type: 'database.opened', database: 'embedded', ms: 1 })
      log.observe({ type: 'server.listening', url: 'http://127.0.0.1:1' })
    }
    expect([plain, greeted].map((log) => log.lines().length)).toEqual([2, 0])
  })

  test('a statement that one request repeats is a warning, with its line and what to do', () => {
    const repeated: Event = {
      type: 'database.repeated',
      requestId: 'request-1',
      statement: 'select 1',
      times: 20,
      place: '/srv/app/api/items/route.ts:12:35',
    }
    const [log, pretty] = [recorder(), recorder({ pretty: true })]
    log.observe(repeated)
    pretty.observe(repeated)
    const msg = 'one request ran a statement 20 times, at /srv/app/api/items/route.ts:12:35: select 1'
    const { requestId, statement, times, place } = repeated
    const hint = expect.stringContaining('inArray')
    expect(log.lines()).toEqual([
      { level: 40, time: expect.any(String), requestId, statement, times, place, hint, msg },
    ])
    expect(pretty.text()).toContain(`WARN: ${msg}`)
  })

  test('a failure is an error and has stack and cause', () => {
    const log = recorder()
    const error = new TypeError('outer', { cause: Object.assign(new Error('inner'), { code: '23505' }) })
    log.observe({ type: 'request.failed', requestId: 'request-1', error })
    const [failed] = log.lines()
    expect(failed).toMatchObject({
      level: 50,
      requestId: 'request-1',
      err: {
        type: 'TypeError',
        message: 'outer',
        stack: expect.stringContaining('logs.test.ts'),
        cause: { type: 'Error', message: 'inner', code: '23505', stack: expect.stringContaining('logs.test.ts') },
      },
    })
  })

  test('the level is what is asked for', () => {
    const received: Event = {
      type: 'request.received',
      requestId: 'r',
      method: 'GET',
      path: '/',
      scheme: 'http',
      route: '/',
      traceparent: null,
    }
    const [quiet, loud, silent] = [recorder(), recorder({ level: 'debug' }), recorder({ level: 'error' })]
    for (const log of [quiet, loud, silent]) [received, answered].forEach((event) => log.observe(event))
    expect([quiet, loud, silent].map((log) => log.lines().length)).toEqual([1, 2, 0])
  })
})

describe('secrets', () => {
  test('are hidden by name, at any depth, in fields and in errors', () => {
    const log = recorder()
    const headers = {
      Authorization: 'Bearer hunter2',
      cookie: 'a=hunter2',
      'set-cookie': ['b=hunter2'],
      accept: 'json',
    }
    const fields = { request: { headers }, user: { password: 'hunter2', name: 'Ada' }, accessToken: 'hunter2' }
    log.observe({ type: 'log', requestId: 'r', level: 'info', message: 'seen', fields })
    const error = Object.assign(new Error('no'), { config: { headers }, clientSecret: 'hunter2' })
    log.observe({ type: 'request.failed', requestId: 'r', error })
    expect(log.text()).not.toContain('hunter2')
    expect(log.lines()[0]).toMatchObject({
      fields: { request: { headers: { accept: 'json' } }, user: { name: 'Ada', password: '[redacted]' } },
    })
    expect(log.lines()[1]).toMatchObject({ err: { config: { headers: { accept: 'json' } } } })
  })

  test('what can not be written as JSON does not lose the line', () => {
    const log = recorder()
    const loop: Record<string, unknown> = { big: 10n, when: new Date(Number.NaN) }
    loop['self'] = loop
    log.observe({ type: 'log', requestId: 'r', level: 'warn', message: 'odd', fields: loop })
    expect(log.lines()).toMatchObject([{ msg: 'odd', fields: { big: '10', when: null } }])
  })
})

describe('text from a client can not pass for the log', () => {
  const forged = 'x\n{"level":30,"msg":"forged"}\r\n\u001B[2K\u001B[1Aforged\u2028\u009B1A\u202E'

  test('as JSON each event is one line, whatever it holds', () => {
    const log = recorder()
    log.observe({
      type: 'log',
      requestId: 'r',
      level: 'info',
      message: forged,
      fields: { level: 60, [forged]: forged },
    })
    log.observe({ type: 'request.failed', requestId: 'r', error: new Error(forged) })
    expect(log.lines()).toHaveLength(2)
    expect(log.lines().map((line) => line['level'])).toEqual([30, 50])
  })

  test('for people, control characters are shown and never obeyed', () => {
    const log = recorder({ pretty: true })
    const event: Event = { type: 'log', requestId: 'r', level: 'info', message: forged, fields: { [forged]: [forged] } }
    log.observe(event)
    log.observe({ type: 'request.failed', requestId: 'r', error: new Error(forged, { cause: new Error(forged) }) })
    log.observe({ ...answered, path: `/${forged}` })
    const lines = log.text().replaceAll(OUR_COLOURS, '').split('\n')
    expect(lines.filter((line) => /^\[\d/.test(line))).toHaveLength(3)
    expect(lines.filter((line) => /^\s*(\{"level|forged)/.test(line))).toEqual([])
    expect(lines.join('')).not.toMatch(/\p{Cc}|[\u2028\u2029\u202E]/u)
    expect(log.text()).toContain('logs.test.ts')
  })
})

test('the id that a client is told finds the stack in the log', async () => {
  const log = recorder()
  const { backend } = countingBackend()
  backend.events.observe(log.observe)
  const POST = guarded(async () => {
    throw new Error('the table is gone')
  })
  const server = await serve({ backend, routes: [{ path: '/a', module: { POST } }], port: 0, logs: false })
  const response = await fetch(`${server.url}/a?token=hunter2`, { method: 'POST' })
  const { requestId } = (await response.json()) as { requestId: string }
  await server.close()
  expect(response.headers.get('x-request-id')).toBe(requestId)
  const line = log.lines().find((candidate) => candidate['requestId'] === requestId)
  expect(line).toMatchObject({
    level: 50,
    err: { message: 'the table is gone', stack: expect.stringContaining('at ') },
  })
  expect(log.text()).not.toContain('hunter2')
})
