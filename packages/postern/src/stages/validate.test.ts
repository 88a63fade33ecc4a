import { z } from 'zod'
import { afterEach, describe, expect, test } from 'vitest'
import { CustomerInput, customers, InvoiceInput, shop, type ShopEndpoint } from '../../test/shop.js'
import { listQuery } from '../database/paved/list-query.js'
import { create } from '../operations.js'
import type { InputError } from '../problems.js'

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
  test.each([65, 400])('is refused with 400 at %i levels', async (levels) => {
    expect(await refusal(send('/api/json', nested(levels)))).toEqual([400, 'invalid', ['body']])
    expect(await refusal(send('/api/json', '{"a":'.repeat(65)))).toEqual([400, 'invalid', ['body']])
  })

  test('passes at 64, and brackets in a text are no levels', async () => {
    expect((await send('/api/json', nested(64))).answer.status).toBe(204)
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

describe('names that JavaScript gives a meaning', () => {
  test('stay names, in a body', async () => {
    await send('/api/loose', '{"__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}},"a":1}')
    expect(seen).toHaveLength(1)
    expect((seen[0] as { admin?: unknown }).admin).toBeUndefined()
    expect(({} as { admin?: unknown }).admin).toBeUndefined()
    expect((await send('/api/customers', '{"name":"x","__proto__":{"ownerId":"bob"}}')).answer).toMatchObject({
      status: 201,
      body: { ownerId: 'alice' },
    })
  })

  test('stay names, in a query', async () => {
    const path = '/api/find?__proto__=x&constructor=y&toString=z&q=1'
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
