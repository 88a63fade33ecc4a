import { request as httpRequest } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createBackend } from '../backend.js'
import { database } from '../database/index.js'
import type { FormEntries } from '../http/form-entries.js'
import { type RunningServer, serve } from '../server/serve.js'
import { file } from './file.js'
import { FORM, formOf } from './form-slot.js'
import { form } from './form.js'

const backend = createBackend({ database: database({ schema: {}, directory: 'memory://' }), auth: () => null })
const { endpoint } = backend

const Upload = form({ scan: file({ max: '5 MB', types: ['application/pdf', 'text/plain'] }) })
/** Its limit is off. */
const Unlimited = { ...Upload, [FORM]: { ...formOf(Upload)!, read: readAll } }
/** It believes what a client says of a file. */
const Believing = {
  ...Upload,
  '~standard': {
    ...Upload['~standard'],
    validate: (entries: unknown) => ({ value: { scan: (entries as FormEntries).get('scan')?.[0] as File } }),
  },
}

/** The form as it would be read with nothing that counts. */
async function readAll(request: Request): Promise<FormEntries> {
  const data = await request.formData()
  return new Map([...data.keys()].map((name) => [name, data.getAll(name) as File[]]))
}

let called: File[] = []
const open = (body: typeof Upload) =>
  endpoint({ public: 'a test', body }, async ({ body: { scan } }) => {
    called.push(scan)
    return { type: scan.type, size: (await scan.arrayBuffer()).byteLength }
  })

let server: RunningServer
beforeAll(async () => {
  const routes = [
    { path: '/sound', module: { POST: open(Upload) } },
    { path: '/unlimited', module: { POST: open(Unlimited) } },
    { path: '/believing', module: { POST: open(Believing) } },
  ]
  server = await serve({ backend, routes, port: 0, logs: false })
})
afterAll(() => server.close())

const MB = 1_000_000
const pdf = (size: number) => Buffer.concat([Buffer.from('%PDF-1.7\n'), Buffer.alloc(size - 9, 'x')])
const HEAD =
  '--B\r\ncontent-disposition: form-data; name="scan"; filename="a.pdf"\r\ncontent-type: application/pdf\r\n\r\n'
const bodyOf = (content: Buffer) => Buffer.concat([Buffer.from(HEAD), content, Buffer.from('\r\n--B--\r\n')])

/** Sends over a real socket: whole with its length, or in pieces without one. */
function upload(path: string, body: Buffer, chunked: boolean): Promise<{ status: number; text: string }> {
  called = []
  return new Promise((resolve, reject) => {
    const length = chunked ? {} : { 'content-length': String(body.length) }
    const headers = { 'content-type': 'multipart/form-data; boundary=B', ...length }
    const sent = httpRequest(`${server.url}${path}`, { method: 'POST', headers, agent: false }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (piece: string) => (text += piece))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
    })
    let isAnswered = false
    sent.on('response', () => (isAnswered = true))
    // A server that has refused may close while the rest is being sent.
    sent.on('error', (error) => (isAnswered ? undefined : reject(error)))
    if (!chunked) return void sent.end(body)
    for (let at = 0; at < body.length; at += 64_000) sent.write(body.subarray(at, at + 64_000))
    sent.end()
  })
}

describe.each([
  ['with a length', false],
  ['in chunks', true],
])('a form over a real socket, %s', (_, chunked) => {
  test('arrives whole', async () => {
    const { status, text } = await upload('/sound', bodyOf(pdf(4 * MB)), chunked)
    expect([status, JSON.parse(text)]).toEqual([200, { type: 'application/pdf', size: 4 * MB }])
  })

  test('of 6 MB where 5 are taken is 413, and the function is not called', async () => {
    const { status, text } = await upload('/sound', bodyOf(pdf(6 * MB)), chunked)
    expect([status, JSON.parse(text).code, called]).toEqual([413, 'too-large', []])
  })

  test('with a page that calls itself a PDF is 400, and the function is not called', async () => {
    const { status, text } = await upload('/sound', bodyOf(Buffer.from('<script>MARKER</script>')), chunked)
    expect([status, called, text.includes('MARKER')]).toEqual([400, [], false])
  })

  test('of a thousand parts is 400, though there is room for them', async () => {
    const parts = Array.from({ length: 1000 }, () => HEAD.replace('scan', 'other')).join('%PDF-\r\n')
    const { status, text } = await upload('/sound', Buffer.from(`${parts}\r\n--B--\r\n`), chunked)
    expect([status, JSON.parse(text).errors]).toEqual([
      400,
      [{ path: 'body', message: expect.stringContaining('too many') }],
    ])
    expect(called).toEqual([])
  })

  test('that ends in the middle is 400', async () => {
    expect((await upload('/sound', bodyOf(pdf(MB)).subarray(0, MB / 2), chunked)).status).toBe(400)
    expect(called).toEqual([])
  })
})

describe('a sabotage is found by the same requests', () => {
  test('the limit off: 6 MB reach the function', async () => {
    expect((await upload('/unlimited', bodyOf(pdf(6 * MB)), true)).status).toBe(200)
    expect(called).toHaveLength(1)
  })

  test('the look at the bytes off: a page arrives as a PDF', async () => {
    const { text } = await upload('/believing', bodyOf(Buffer.from('<script>MARKER</script>')), false)
    expect(JSON.parse(text)).toMatchObject({ type: 'application/pdf' })
    expect(called).toHaveLength(1)
  })
})
