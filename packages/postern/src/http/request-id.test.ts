import { expect, test } from 'vitest'
import { requestProtocol } from './protocol.js'
import { requestIdOf } from './request-id.js'

const request = (headers: Record<string, string> = {}) => new Request('http://localhost/', { headers })
const BORROWED = { 'x-request-id': 'borrowed-0001' }
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

test('one request has one id, whoever asks', () => {
  const one = request()
  expect(requestIdOf(one)).toMatch(UUID)
  expect(requestIdOf(one, { trustProxy: 1 })).toBe(requestIdOf(one))
  expect(requestIdOf(request())).not.toBe(requestIdOf(one))
})

test('a client can’t choose the id under which it is logged; a trusted proxy can', () => {
  expect(requestIdOf(request(BORROWED))).toMatch(UUID)
  expect(requestIdOf(request(BORROWED), { trustProxy: 1 })).toBe('borrowed-0001')
})

test.each(['short', 'x'.repeat(65), 'has space in it', 'quote"inside', 'a,b,c,d,e,f', 'größe-größe', '../../../etc'])(
  'an id like %j is none, whoever sends it',
  (id) => {
    const headers = new Headers()
    headers.set('x-request-id', id)
    expect(requestIdOf(new Request('http://localhost/', { headers }), { trustProxy: 1 })).toMatch(UUID)
  },
)

test.each<[string, string | null, number]>([
  ['http', null, 0],
  ['http', 'https', 0],
  ['https', 'https', 1],
  ['http', 'https, http', 1],
  ['https', 'http, https', 1],
  ['https', 'https, http', 2],
  ['https', 'https', 3],
  ['http', 'HTTPS2', 1],
  ['https', ' HTTPS ', 1],
  ['http', '', 1],
])('the client spoke %s where proxies say %j and %i of them are ours', (protocol, forwarded, trustProxy) => {
  const headers: Record<string, string> = forwarded === null ? {} : { 'x-forwarded-proto': forwarded }
  expect(requestProtocol(request(headers), trustProxy)).toBe(protocol)
})
