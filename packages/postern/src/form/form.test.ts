import * as fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { CustomerInput, customers, shop, type ShopEndpoint } from '../../test/shop.js'
import { create, update } from '../operations.js'
import { patchOf } from '../patch-of.js'
import { planOf } from '../plan-of.js'
import type { InputError } from '../problems.js'
import { file, files } from './file.js'
import { form } from './form.js'

interface Seen {
  readonly title?: string
  readonly tags?: readonly string[] | undefined
  readonly scan?: File | undefined
  readonly photos?: readonly File[]
}
const seen: Seen[] = []
afterEach(() => void (seen.length = 0))

const see = ({ body }: { body: Seen }) => void seen.push(body)
const Scan = form({
  title: z.string().min(2),
  tags: z.array(z.string()).max(3),
  scan: file({ max: '5 kB', types: ['application/pdf', 'image/png'] }),
})
const routes = (endpoint: ShopEndpoint) => ({
  '/scans': { POST: endpoint({ body: Scan }, see) },
  '/avatar': {
    POST: endpoint({ body: form({ scan: file({ max: 2000, types: ['image/png'], optional: true }) }) }, see),
  },
  '/albums': {
    POST: endpoint({ body: form({ photos: files({ max: '1 kB', count: 3, types: ['image/png'] }) }) }, see),
  },
  '/sheets': { POST: endpoint({ body: form({ scan: file({ max: '1 kB', types: ['text/csv'] }) }) }, see) },
  '/texts': {
    POST: endpoint({ body: form({ title: z.string(), tags: z.array(z.string()).optional() }) }, see),
  },
  '/customers': { POST: endpoint({ body: form({ name: z.string().min(1) }) }, create(customers)) },
})
const it = shop(routes, { backend: { maxBodyBytes: 10_000 } })

const PNG = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex')
const PDF = Buffer.from('%PDF-1.7\n')
const fileOf = (bytes: Uint8Array<ArrayBuffer> | string, type = 'application/pdf', name = 'a.pdf') =>
  new File([bytes], name, { type })

function formData(fields: Readonly<Record<string, string | File | readonly (string | File)[]>>): FormData {
  const data = new FormData()
  for (const [name, given] of Object.entries(fields)) {
    // The types of FormData know a text and a Blob apart.
    for (const value of [given].flat()) data.append(name, value as string)
  }
  return data
}

const send = (path: string, fields: Parameters<typeof formData>[0]) =>
  it.app.as('alice').post<{ code: string; detail?: string; errors?: InputError[] }>(path, formData(fields))

/** Sends bytes under a content type, as they are. */
function raw(path: string, body: string | Uint8Array<ArrayBuffer>, type = 'multipart/form-data; boundary=B') {
  const init = { method: 'POST', headers: { 'content-type': type }, body }
  const request = new Request(`http://localhost${path}`, init)
  return it.app.recording(() => it.app.as('alice').send<{ code: string; errors?: InputError[] }>(request))
}

const part = (headers: string, body = 'v') => `--B\r\ncontent-disposition: form-data; ${headers}\r\n\r\n${body}\r\n`
const scanPart = (name = 'a.pdf') => part(`name="scan"; filename="${name}"`, '%PDF-1.7')
const whole = (...parts: string[]) => `${parts.join('')}--B--\r\n`
/** Of parts that hold other bytes than UTF-8: a character is a byte. */
const asBytes = (...parts: string[]) => Buffer.from(whole(...parts), 'latin1')

/** Refused, nothing but the refusal happened, and nothing of what was sent comes back. */
async function refusal(happened: ReturnType<typeof raw>) {
  const { answer, nothing } = await happened
  nothing()
  expect(seen).toEqual([])
  expect(answer.text).not.toContain('MARKER')
  return [answer.status, answer.body.code, answer.body.errors?.map(({ path }) => path)] as const
}

describe('a form', () => {
  test('gives texts, lists and files to the function', async () => {
    const answer = await send('/scans', { title: 'Rent', tags: ['a', 'b'], scan: fileOf(PDF), extra: 'x' })
    expect(answer.status).toBe(204)
    const [{ title, tags, scan }] = seen as [Required<Seen>]
    expect([title, tags, Object.keys(seen[0]!)]).toEqual(['Rent', ['a', 'b'], ['title', 'tags', 'scan']])
    expect([scan?.name, scan?.type, scan?.size]).toEqual(['a.pdf', 'application/pdf', PDF.length])
    expect(Buffer.from(await scan!.arrayBuffer())).toEqual(PDF)
  })

  test('a list may be of one, or of none', async () => {
    await send('/scans', { title: 'Rent', tags: 'a', scan: fileOf(PDF) })
    await send('/scans', { title: 'Rent', scan: fileOf(PDF) })
    await send('/texts', { title: 'Rent', tags: ['a', 'b'] })
    expect(seen.map(({ tags }) => tags)).toEqual([['a'], [], ['a', 'b']])
  })

  test('without files may be a query’s twin, and write a row', async () => {
    const answer = await it.app.as('alice').post('/customers', new URLSearchParams({ name: 'Größe & Co' }))
    expect(answer).toMatchObject({ status: 201, body: { name: 'Größe & Co', ownerId: 'alice' } })
    expect((await send('/customers', { name: 'ACME' })).status).toBe(201)
  })

  test('an optional file is undefined where none was chosen, as a browser sends that', async () => {
    for (const chosen of ['', part('name="scan"; filename=""', ''), part('name="scan"', '')]) {
      expect((await raw('/avatar', whole(part('name="other"'), chosen))).answer.status).toBe(204)
    }
    expect(seen).toEqual([{ scan: undefined }, { scan: undefined }, { scan: undefined }])
  })

  test('several files are a list', async () => {
    const photo = fileOf(PNG, 'image/png', 'a.png')
    expect((await send('/albums', { photos: [photo, photo] })).status).toBe(204)
    expect((await send('/albums', { other: '' })).status).toBe(204)
    expect(seen.map(({ photos }) => photos?.length)).toEqual([2, 0])
    const refused = await send('/albums', { photos: [photo, photo, photo, photo] })
    expect(refused.body.errors).toEqual([{ path: 'body.photos', message: 'Send at most 3 files here' }])
    const mixed = await send('/albums', { photos: [photo, fileOf(PDF)] })
    expect(mixed.body.errors?.map(({ path }) => path)).toEqual(['body.photos.1'])
  })
})

describe('what does not fit', () => {
  test('is told all at once, with its place', async () => {
    const { status, body } = await send('/scans', {
      title: ['MARKER', 'MARKER'],
      tags: ['MARKER', 'MARKER', 'MARKER', 'MARKER'],
      scan: 'MARKER',
      stray: fileOf('MARKER', 'text/plain', 'MARKER'),
    })
    expect([status, body.code, JSON.stringify(body).includes('MARKER')]).toEqual([400, 'invalid', false])
    expect(body.errors?.map(({ path, message }) => [path, message])).toEqual([
      ['body.title', 'Send this once'],
      ['body.tags', expect.stringContaining('<=3')],
      ['body.scan', 'Send a file here, not text'],
      ['body', 'There is a file here that is not asked for'],
    ])
    expect(seen).toEqual([])
  })

  test.each<[string, Parameters<typeof formData>[0], string]>([
    ['no file', {}, 'Send a file here'],
    ['two files', { scan: [fileOf(PDF), fileOf(PDF)] }, 'Send one file here'],
    ['an empty file', { scan: fileOf('') }, 'This file is empty'],
    [
      'another kind',
      { scan: fileOf('GIF89a', 'application/pdf') },
      'Send a file of the type application/pdf, image/png',
    ],
  ])('%s is 400', async (_, fields, message) => {
    const { status, body } = await send('/scans', { title: 'Rent', ...fields })
    expect([status, body.errors]).toEqual([400, [{ path: 'body.scan', message }]])
  })

  test('a file where text is meant', async () => {
    const { body } = await send('/texts', { title: fileOf(PDF) })
    // A file in a field without files: the form does not take it for text.
    expect(body.errors).toEqual([{ path: 'body.title', message: 'Send text here, not a file' }])
  })

  test.each(['__proto__', 'constructor', 'prototype'])('a field named %s', async (name) => {
    expect(await refusal(raw('/scans', whole(part(`name="${name}"`), scanPart())))).toEqual([400, 'invalid', ['body']])
    const encoded = `${name}=1&title=x`
    expect((await refusal(raw('/texts', encoded, 'application/x-www-form-urlencoded')))[0]).toBe(400)
    expect(({} as { v?: unknown }).v).toBeUndefined()
  })

  test.each([
    ['/scans', 'application/json', 'multipart/form-data'],
    ['/scans', 'application/x-www-form-urlencoded', 'multipart/form-data'],
    ['/scans', 'text/plain', 'multipart/form-data'],
    ['/scans', 'multipart/mixed; boundary=B', 'multipart/form-data'],
    ['/texts', 'application/json', 'multipart/form-data'],
  ])('%s as %s is 415, in words that fit', async (path, type, meant) => {
    const { answer, nothing } = await raw(path, '{}', type)
    nothing()
    expect(answer).toMatchObject({ status: 415, body: { detail: `Send this as ${meant}` } })
  })
})

describe('a body that is no form', () => {
  const title = part('name="title"', 'Rent')
  test.each<[string, string, string?]>([
    ['nothing', ''],
    ['no boundary', whole(title), 'multipart/form-data'],
    ['an empty boundary', whole(title), 'multipart/form-data; boundary='],
    ['another boundary', whole(title), 'multipart/form-data; boundary=C'],
    ['two boundaries', whole(title), 'multipart/form-data; boundary=B; boundary=C'],
    ['a boundary of 10 kB', whole(title), `multipart/form-data; boundary=${'B'.repeat(10_000)}`],
    ['a boundary of no such letters', whole(title), 'multipart/form-data; boundary="B\\"; x="'],
    ['no end', title],
    ['half an end', whole(title).slice(0, -5)],
    ['bare line feeds', whole(title).replaceAll('\r\n', '\n')],
    ['a part without a name', whole('--B\r\ncontent-disposition: form-data\r\n\r\nMARKER\r\n')],
    ['a part without headers', whole('--B\r\n\r\nMARKER\r\n')],
    ['another disposition', whole('--B\r\ncontent-disposition: attachment; name="title"\r\n\r\nMARKER\r\n')],
    ['a line break in the name of a file', whole(scanPart('a\r\nMARKER.pdf'))],
    ['a name of a file in extended notation', whole(part(`name="scan"; filename*=UTF-8''MARKER.pdf`, '%PDF-'))],
    ['a header of 5 kB', whole(part(`name="title"; x="${'MARKER'.repeat(900)}"`))],
    ['5 kB of headers', whole(`--B\r\n${'x: MARKER\r\n'.repeat(500)}${title.slice(5)}`)],
    ['more than a hundred parts', whole(...Array.from({ length: 150 }, () => part('name="tags"', 'MARKER')))],
  ])('%s is 400', async (_, body, type) => {
    expect(await refusal(raw('/scans', body, type))).toEqual([400, 'invalid', ['body']])
  })

  test('text that is not UTF-8 is refused and not repaired; U+FFFD itself is a character', async () => {
    const broken = Buffer.concat([Buffer.from(`${part('name="title"', '').slice(0, -2)}`), Buffer.from([0xff, 0xfe])])
    const body = Buffer.concat([broken, Buffer.from('\r\n--B--\r\n')])
    expect((await refusal(raw('/texts', body)))[0]).toBe(400)
    expect((await refusal(raw('/texts', 'title=%ff%fe', 'application/x-www-form-urlencoded')))[0]).toBe(400)
    expect((await send('/texts', { title: 'a\uFFFD' })).status).toBe(204)
    expect((await raw('/texts', 'title=%EF%BF%BD', 'application/x-www-form-urlencoded')).answer.status).toBe(204)
  })

  test('a NUL in a text, which no column can hold, is refused', async () => {
    expect((await refusal(raw('/texts', 'title=a%00', 'application/x-www-form-urlencoded')))[0]).toBe(400)
    expect((await refusal(raw('/texts', asBytes(part('name="title"', 'a\0')))))[0]).toBe(400)
  })

  test('nor where its repaired form stands beside it, where a name is none, or where a file holds U+FFFD', async () => {
    const character = '\xef\xbf\xbd'
    const broken = part('name="title"', 'ab\xff')
    const scan = part('name="scan"; filename="a.pdf"', `%PDF-1.7 ${character}`)
    expect((await refusal(raw('/texts', asBytes(part('name="tags"', `ab${character}`), broken))))[0]).toBe(400)
    expect((await refusal(raw('/texts', asBytes(title, part('name="\xff"', 'a')))))[0]).toBe(400)
    expect((await refusal(raw('/scans', asBytes(scan, broken))))[0]).toBe(400)
    const type = 'application/x-www-form-urlencoded'
    expect((await refusal(raw('/texts', 'title=a%ff&tags=a%ef%bf%bd', type)))[0]).toBe(400)
    const whollyRight = asBytes(scan, part('name="title"', `ab${character}`))
    expect((await raw('/scans', whollyRight)).answer.status).toBe(204)
  })

  test('a thousand pairs of a plain form are too many as well', async () => {
    const type = 'application/x-www-form-urlencoded'
    expect((await refusal(raw('/texts', 'a=1&'.repeat(1000), type)))[0]).toBe(400)
    expect((await refusal(raw('/texts', 'title=größe', type)))[0]).toBe(400)
  })

  test('a hundred parts are fine', async () => {
    const { answer } = await raw('/texts', whole(...Array.from({ length: 99 }, () => part('name="tags"')), title))
    expect(answer.status).toBe(204)
  })
})

const pdfOf = (size: number) => Buffer.concat([PDF, Buffer.alloc(size - PDF.length, 'x')])
const photo = (size: number) => fileOf(Buffer.concat([PNG, Buffer.alloc(size - PNG.length)]), 'image/png')

describe('what is too large', () => {
  test('one file beyond its own limit is 413, though the body as a whole is not', async () => {
    const refused = await send('/scans', { title: 'Rent', scan: fileOf(pdfOf(5001)) })
    expect([refused.status, refused.body.detail]).toEqual([413, 'scan takes files of at most 5000 bytes'])
    expect(seen).toEqual([])
    expect((await send('/scans', { title: 'Rent', scan: fileOf(pdfOf(5000)) })).status).toBe(204)
  })

  test('the body has room for all files and for what else it may hold, and no more', async () => {
    expect(
      (await send('/albums', { photos: [photo(1000), photo(1000), photo(1000)], x: 'y'.repeat(9000) })).status,
    ).toBe(204)
    seen.length = 0
    // Three files have room for 3 kB, and a text of 11 is no file.
    expect((await refusal(raw('/albums', whole(part('name="x"', 'y'.repeat(11_000))))))[0]).toBe(413)
    expect((await refusal(raw('/albums', whole(part('name="x"', 'y'.repeat(13_000))))))[0]).toBe(413)
    expect((await refusal(raw('/texts', whole(part('name="title"', 'y'.repeat(10_000))))))[0]).toBe(413)
  })
})

describe('three hundred bodies that were damaged on the way', () => {
  const sound = Buffer.from(whole(part('name="title"', 'MARKER title'), part('name="tags"', 'MARKER'), scanPart()))
  const damage = fc.oneof(
    fc.record({ at: fc.nat(sound.length), bytes: fc.uint8Array({ maxLength: 12 }) }),
    fc.record({
      at: fc.nat(sound.length),
      bytes: fc
        .constantFrom('\r\n', '--B', '--B--', '"', '\0', ';', '=', '\r\n\r\n', 'name=', '%0D%0A')
        .map((text) => Buffer.from(text)),
    }),
  )
  const damaged = fc.tuple(fc.array(damage, { minLength: 1, maxLength: 4 }), fc.boolean()).map(([all, replaces]) =>
    all.reduce((body, { at, bytes }) => {
      const end = at + (replaces ? bytes.length : 0)
      return Buffer.concat([body.subarray(0, at), bytes, body.subarray(end)])
    }, sound),
  )

  test('make no fault of ours, are not echoed, and reach the function only when they fit', async () => {
    const statuses = new Map<number, number>()
    const property = fc.asyncProperty(damaged, async (body) => {
      seen.length = 0
      const init = { method: 'POST', headers: { 'content-type': 'multipart/form-data; boundary=B' }, body }
      const answer = await it.app.as('mallory').send(new Request('http://localhost/scans', init))
      expect(answer.status).toBeLessThan(500)
      expect(answer.status >= 400 && answer.text.includes('MARKER')).toBe(false)
      expect(seen.length).toBe(answer.status === 204 ? 1 : 0)
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1)
    })
    await fc.assert(property, { numRuns: 300 })
    // Some passed all the same, and some did not.
    expect([...statuses.keys()].toSorted()).toEqual([204, 400])
  })
})

const answersNothing = () => null

describe('what can’t be meant is refused with a sentence when it is written', () => {
  const Scanned = form({ scan: file({ max: 1, types: ['image/png'] }) })
  test.each<[string, () => unknown, string]>([
    ['no fields', () => form({}), 'form() needs a field'],
    ['no schema', () => form({ a: 'text' as never }), 'a takes a schema'],
    ['a reserved name', () => form({ constructor: z.string() as never }), "can't be called constructor"],
    ['no types', () => file({ max: 1, types: [] }), 'needs types'],
    ['a pattern of types', () => file({ max: 1, types: ['image/*'] }), 'is no type of a file'],
    ['no size', () => file({ max: '5 megs' as never, types: ['image/png'] }), "like '5 MB'"],
    ['a size of nothing', () => file({ max: 0, types: ['image/png'] }), "like '5 MB'"],
    ['no number', () => files({ max: 1, count: 0, types: ['image/png'] }), 'from 1 to 100'],
    ['more than memory', () => form({ a: file({ max: '1 GB', types: ['image/png'] }) }), 'held in memory'],
    ['a row with a file', () => planOf({ body: Scanned }, create(customers) as never), 'a file is none'],
    [
      'a row that a file changes',
      () => planOf({ owns: customers, body: Scanned }, update() as never),
      'a file is none',
    ],
    ['a form as a query', () => planOf({ query: Scanned }, answersNothing), 'a form is a body'],
    ['a patch of a form', () => patchOf(Scanned as never), 'a form can’t be a patch'],
  ])('%s', (_, write, sentence) => expect(write).toThrow(sentence))

  test('and an ordinary patch and row are not', () => {
    expect(() => patchOf(CustomerInput)).not.toThrow()
    expect(() => planOf({ body: form({ name: z.string() }) }, create(customers) as never)).not.toThrow()
  })
})
