import { z } from 'zod'
import { afterEach, describe, expect, test } from 'vitest'
import { CustomerInput, customers, InvoiceInput, shop, type ShopEndpoint } from '../../test/shop.js'
import { listQuery } from '../database/paved/list-query.js'
import { create } from '../operations.js'
import type { InputError } from '../problems.js'
import type { TestBackend } from '../testing/index.js'

const seen: unknown[] = []
afterEach(() => void (seen.length = 0))
const routes = (endpoint: ShopEndpoint) => ({
  '/api/customers': { POST: endpoint({ body: CustomerInput }, create(customers)) },
  '/api/both': {
    POST: endpoint({ body: InvoiceInput, query: listQuery(customers) }, ({ body }) => void seen.push(body)),
  },
  '/api/loose': { POST: endpoint({ body: z.looseObject({}) }, ({ body }) => void seen.push(body)) },
  '/api/record': {
    POST: endpoint({ body: z.record(z.string(), z.number()) }, ({ body }) => void seen.push(body)),
  },
  '/api/json': { POST: endpoint({ body: z.json() }, ({ body }) => void seen.push(body)) },
  '/api/passing': { POST: endpoint({ body: z.looseObject({ name: z.string() }) }, create(customers) as never) },
  '/api/strict': { POST: endpoint({ body: z.strictObject({ name: z.string() }) }, ({ body }) => void seen.push(body)) },
  '/api/many': { POST: endpoint({ body: z.array(z.number()) }, ({ body }) => void seen.push(body)) },
  '/api/find': {
    GET: endpoint({ query: z.object({ q: z.string() }) }, ({ query }) => {
      seen.push(query)
      return query
    }),
  },
})
const it = shop(routes, { backend: { maxBodyBytes: 1000 } })
const roomy = shop(routes)
const bottomless = shop(routes, { backend: { limits: { jsonDepth: 100_000 } } })
const strict = shop(routes, { backend: { limits: { jsonDepth: 2, jsonKeys: 2, jsonItems: 3 } } })

interface Raw {
  readonly type?: string | null
  readonly headers?: Record<string, string>
}

/** Sends a body as it is. */
function send(path: string, body: RequestInit['body'], { type = 'application/json', headers = {} }: Raw = {}) {
  const request = new Request(`http://localhost${path}`, {
    method: 'POST',
    headers: { ...(type === null ? {} : { 'content-type': type }), ...headers },
    body,
    duplex: 'half',
  } as RequestInit)
  return it.app.recording(() => it.app.as('alice').send<{ code: string; errors?: InputError[] }>(request))
}

/** Refused, and nothing but the refusal happened. */
async function refusal(happened: ReturnType<typeof send>) {
  const { answer, nothing } = await happened
  nothing()
  expect(seen).toEqual([])
  return [answer.status, answer.body.code, answer.body.errors?.map(({ path }) => path)] as const
}

describe('input that does not fit', () => {
  test('is told all at once, whichever part it is in', async () => {
    const body = JSON.stringify({ number: 1, total: 2, status: 'MARKER' })
    expect(await refusal(send('/api/both?limit=MARKER&sort=MARKER', body))).toEqual([
      400,
      'invalid',
      ['query.limit', 'query.sort', 'body.customerId', 'body.number', 'body.total', 'body.status'],
    ])
  })

  test('is told at once with a body that is no JSON', async () => {
    expect(await refusal(send('/api/both?limit=0', '{"number":'))).toEqual([400, 'invalid', ['query.limit', 'body']])
  })

  test.each([
    ['nothing', ''],
    ['half of an object', '{"name":"x"'],
    ['two values', '{}{}'],
    ['a comment', '{}//'],
    ['broken UTF-8', new Uint8Array([0x22, 0xff, 0xfe, 0x22])],
    ['NaN', '{"name":NaN}'],
  ])('is refused where the body is %s', async (_, body) => {
    expect(await refusal(send('/api/customers', body))).toEqual([400, 'invalid', ['body']])
  })

  test.each(['null', '1', '"text"', '[]', 'true'])(
    'is refused where the body is %s and an object is meant',
    async (body) => {
      expect((await refusal(send('/api/customers', body)))[0]).toBe(400)
    },
  )

  test('is not echoed: neither values nor names that the client made up', async () => {
    const bodies = ['{"name":{"MARKER":1}}', '{"MARKER":"MARKER"}', '"MARKER"', 'MARKER', '{"x MARKER y":"MARKER"}']
    for (const path of ['/api/customers', '/api/strict', '/api/both?MARKER=MARKER&limit=MARKER', '/api/many']) {
      for (const body of bodies) {
        const { answer } = await send(path, body)
        expect([path, body, answer.status, answer.text]).toEqual([
          path,
          body,
          400,
          expect.not.stringContaining('MARKER'),
        ])
      }
    }
  })

  test('names the key of a record only where it looks like the name of a field', async () => {
    expect((await refusal(send('/api/record', '{"jan":"x","<b>MARKER</b>":"x"}')))[2]).toEqual(['body.jan', 'body.*'])
  })

  test('is told of its first fifty mistakes, not of a hundred thousand', async () => {
    const { answer } = await send('/api/many', JSON.stringify(Array.from({ length: 300 }, () => '')))
    expect([answer.status, answer.body.errors?.length]).toEqual([400, 50])
  })
})

const NUL = 'There is a NUL here, which no text may hold'
const HALF = 'There is half of a character here'

/** Where, and in which words. */
const told = async (happened: ReturnType<typeof send>) => {
  const { answer, nothing } = await happened
  nothing()
  expect([answer.status, answer.body.code, answer.headers.get('content-type')]).toEqual([
    400,
    'invalid',
    'application/problem+json',
  ])
  return answer.body.errors?.map(({ path, message }) => [path, message])
}

describe('a text that no column can hold is refused, and its place told', () => {
  test.each([
    ['/api/customers', '{"name":"\\ud800"}', [['body.*', HALF]]],
    ['/api/customers', '{"name":"a\\uDFFFb"}', [['body.*', HALF]]],
    ['/api/customers', '{"name":"\\udc00\\ud800"}', [['body.*', HALF]]],
    ['/api/customers', '{"name":"\\ud83d\\ud83d\\ude00"}', [['body.*', HALF]]],
    ['/api/customers', '{"name":"x","email":"a\\u0000b"}', [['body.*', NUL]]],
    ['/api/customers', '{"name":"x","unasked":["",{"for":"\\u0000"}]}', [['body.*.1.*', NUL]]],
    [
      '/api/loose',
      '{"\\ud800":1,"a\\u0000":1,"b":"\\u0000"}',
      [
        ['body.*', HALF],
        ['body.*', NUL],
        ['body.*', NUL],
      ],
    ],
    ['/api/loose', '{"<b>":{"name":"\\ud800"}}', [['body.*.*', HALF]]],
    ['/api/json', '"\\ud800"', [['body', HALF]]],
  ])('%s %s', async (path, body, errors) => expect(await told(send(path, body))).toEqual(errors))

  test('no more of it is told than of other mistakes', async () => {
    const { answer } = await send('/api/json', JSON.stringify(Array.from({ length: 100 }, () => '\0')))
    expect([answer.status, answer.body.errors?.length]).toEqual([400, 50])
  })

  test('however deep it stands', async () => {
    const levels = 40_000
    const body = `${'['.repeat(levels)}"\\ud800"${']'.repeat(levels)}`
    const request = new Request('http://localhost/api/json', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    })
    const answer = await bottomless.app.as('alice').send<{ errors: InputError[] }>(request)
    expect([answer.status, answer.body.errors[0]?.message]).toEqual([400, HALF])
  })

  test.each(['name=a%00', 'q=%00', 'q=1&q=%00'])('so it is in a query: %s', async (query) => {
    const body = JSON.stringify({ customerId: '1', number: '1', total: '1' })
    expect(await told(send(`/api/both?${query}`, body))).toEqual([['query.*', NUL]])
  })

  test('what only looks like it passes as it was sent', async () => {
    const bodies = ['\\\\u0000 \\\\ud800', '\\ud83d\\ude00', '\\u00e9\\uE000\\uFFFD', '\u{1F600}']
    for (const name of bodies) {
      const { answer } = await send('/api/customers', `{"name":"${name}"}`)
      expect([name, answer.status, answer.body]).toEqual([
        name,
        201,
        expect.objectContaining({ name: JSON.parse(`"${name}"`) as string }),
      ])
    }
  })
})

const endless = (chunks: { count: number }) =>
  new ReadableStream({
    pull(controller) {
      chunks.count += 1
      // It ends, so that a limit that is gone shows as another answer and not as a full memory.
      if (chunks.count > 1000) return controller.close()
      controller.enqueue(new TextEncoder().encode(' '.repeat(100)))
    },
  })

const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`

describe('a body that is nested deeper than anything that means well', () => {
  test.each([33, 400])('is refused with 400 at %i levels', async (levels) => {
    expect(await refusal(send('/api/json', nested(levels)))).toEqual([400, 'invalid', ['body']])
    expect(await refusal(send('/api/json', '{"a":'.repeat(33)))).toEqual([400, 'invalid', ['body']])
  })

  test('passes at 32, and brackets in a text are no levels', async () => {
    expect((await send('/api/json', nested(32))).answer.status).toBe(204)
    expect((await send('/api/json', JSON.stringify(['[{'.repeat(90), '\\"[[']))).answer.status).toBe(204)
  })

  test('a hundred thousand levels make no fault of ours', async () => {
    const request = new Request('http://localhost/api/json', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: nested(49_000),
    })
    expect((await roomy.app.as('alice').send(request)).status).toBe(400)
  })
})

describe('a body that is too large', () => {
  test('is refused with 413 by what it declares, unread', async () => {
    expect((await refusal(send('/api/customers', '{"name":"x"}', { headers: { 'content-length': '1001' } })))[0]).toBe(
      413,
    )
  })

  test('is refused with 413 while it is read, where it declares nothing', async () => {
    const chunks = { count: 0 }
    expect(await refusal(send('/api/customers', endless(chunks)))).toEqual([413, 'too-large', undefined])
    expect(chunks.count).toBeLessThan(20)
  })

  test('is refused with 413 where it declares less than it is', async () => {
    const headers = { 'content-length': '10' }
    expect((await refusal(send('/api/customers', endless({ count: 0 }), { headers })))[0]).toBe(413)
  })

  test('passes at the limit', async () => {
    const body = `{"name":"${'x'.repeat(1000 - 11)}"}`
    expect((await send('/api/customers', body)).answer.status).toBe(201)
    expect((await refusal(send('/api/customers', ` ${body}`)))[0]).toBe(413)
  })
})

test('a body that breaks off is the client’s mistake, and no failure in the log', async () => {
  const body = new ReadableStream({
    pull(controller) {
      controller.enqueue(new TextEncoder().encode('{"name":'))
      controller.error(Object.assign(new Error('aborted'), { code: 'ECONNRESET' }))
    },
  })
  expect(await refusal(send('/api/customers', body))).toEqual([400, 'invalid', ['body']])
})

describe('a body of another kind', () => {
  test.each([
    null,
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/jsonp',
    'application/json; charset=utf-16',
    'text/html, application/json',
  ])('is refused with 415 as %s', async (type) => {
    expect((await refusal(send('/api/customers', new TextEncoder().encode('{"name":"x"}'), { type })))[0]).toBe(415)
  })

  test.each(['application/json', 'application/json; charset=utf-8', 'Application/JSON;charset="UTF-8"'])(
    'passes as %s',
    async (type) => {
      expect((await send('/api/customers', '{"name":"x"}', { type })).answer.status).toBe(201)
    },
  )
})

describe('more than the limits', () => {
  test('a field that stands twice is refused, however it is spelled', async () => {
    for (const body of ['{"name":"x","name":"y"}', '{"name":"x","n\\u0061me":"y"}']) {
      expect(await refusal(send('/api/customers', body))).toEqual([400, 'invalid', ['body']])
    }
  })

  test('a thousand fields and ten thousand items pass, and one more does not', async () => {
    expect(await statusesOf(roomy.app, '/api/loose', [fields(1_000), fields(1_001)])).toEqual([204, 400])
    expect(await statusesOf(roomy.app, '/api/many', [items(10_000), items(10_001)])).toEqual([204, 400])
  })

  test('a hundred parameters pass, and one more is told beside what is wrong with the body', async () => {
    const body = '{"a":1,"a":1}'
    expect(await refusal(send(`/api/both?${parameters(101)}`, body))).toEqual([400, 'invalid', ['query', 'body']])
    expect((await it.app.as('alice').get(`/api/find?${parameters(101)}`)).status).toBe(400)
    expect((await it.app.as('alice').get(`/api/find?${parameters(100)}`)).status).toBe(200)
  })

  test('are what the backend says they are', async () => {
    expect(await statusesOf(strict.app, '/api/json', ['[[1]]', '[[[1]]]'])).toEqual([204, 400])
    expect(await statusesOf(strict.app, '/api/json', [fields(2), fields(3)])).toEqual([204, 400])
    expect(await statusesOf(strict.app, '/api/json', [items(3), items(4)])).toEqual([204, 400])
  })
})

const fields = (count: number) =>
  JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, at) => [`f${at}`, 1])))
const items = (count: number) => `[${'1,'.repeat(count - 1)}1]`
const parameters = (count: number) => `q=1${'&x=1'.repeat(count - 1)}`

async function statusesOf(app: TestBackend, path: string, bodies: readonly string[]): Promise<number[]> {
  const headers = { 'content-type': 'application/json' }
  const requests = bodies.map((body) => new Request(`http://localhost${path}`, { method: 'POST', headers, body }))
  return Promise.all(requests.map(async (request) => (await app.as('alice').send(request)).status))
}

describe('names that JavaScript gives a meaning', () => {
  test.each([
    '{"__proto__":{"admin":true},"a":1}',
    '{"\\u005f_proto__":{"admin":true},"a":1}',
    '{"a":[{"constructor":{"prototype":{"admin":true}}}]}',
    '{"prototype":{"admin":true}}',
  ])('are refused in a body: %s', async (body) => {
    expect(await refusal(send('/api/loose', body))).toEqual([400, 'invalid', ['body']])
    expect(({} as { admin?: unknown }).admin).toBeUndefined()
  })

  test.each(['__proto__=x', 'q=1&constructor=y', '%5f_proto__=x&__proto__=y'])(
    'are refused in a query: %s',
    async (query) => {
      const { answer, nothing } = await it.app.recording(() =>
        it.app.as('alice').get<{ errors: InputError[] }>(`/api/find?${query}`),
      )
      nothing()
      expect([answer.status, answer.body.errors]).toEqual([
        400,
        [{ path: 'query', message: 'There is a parameter whose name is not allowed' }],
      ])
    },
  )

  test('are only those three: any other stays a name, and nothing gains a prototype', async () => {
    await send('/api/loose', '{"toString":{"admin":true},"hasOwnProperty":1,"a":1}')
    expect(Object.getPrototypeOf(seen[0])).toBe(Object.prototype)
    expect((seen[0] as { admin?: unknown }).admin).toBeUndefined()
    const path = '/api/find?toString=z&valueOf=z&q=1'
    expect((await it.app.as('alice').get(path)).body).toEqual({ q: '1' })
    expect((await it.app.as('alice').get('/api/find?__proto__[q]=1')).status).toBe(400)
    expect((await it.app.as('alice').get('/api/find?q=1&q=2')).status).toBe(400)
  })

  test('an id or an owner in a body is left out: the row is the caller’s, and its key PostgreSQL’s', async () => {
    const body = '{"name":"x","id":"77","ownerId":"bob","owner_id":"bob","createdAt":"2000-01-01"}'
    // The second schema lets every field through, as careless ones do.
    for (const path of ['/api/customers', '/api/passing']) {
      const { answer } = await send(path, body)
      expect(answer).toMatchObject({ status: 201, body: { ownerId: 'alice' } })
      expect(answer.body).not.toMatchObject({ id: '77' })
    }
  })
})
