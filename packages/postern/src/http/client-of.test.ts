import { expect, test } from 'vitest'
import { CLIENT, clientOf } from './client-of.js'

const forwarded = (text: string) => new Request('http://localhost/', { headers: { 'x-forwarded-for': text } })

test.each([
  ['203.0.113.7', '203.0.113.7'],
  ['203.0.113.7:4711', '203.0.113.7'],
  ['::ffff:203.0.113.7', '203.0.113.7'],
  ['::FFFF:cb00:7107', '203.0.113.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:DB8:1:2::9', '2001:db8:1:2::/64'],
  ['[2001:db8:1:2:ffff::1]:443', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['unknown', 'unknown'],
])('%s counts as %s', (address, network) => expect(clientOf(forwarded(address), 1)).toBe(network))

test('only what a proxy of ours wrote is believed', () => {
  expect(clientOf(forwarded('198.51.100.1, 203.0.113.7'), 0)).toBeNull()
  expect(clientOf(forwarded('198.51.100.1, 203.0.113.7'), 1)).toBe('203.0.113.7')
  expect(clientOf(forwarded('198.51.100.1, 203.0.113.7, 192.0.2.1'), 2)).toBe('203.0.113.7')
  expect(clientOf(new Request('http://localhost/'), 1)).toBeNull()
})

test('our own server is believed before them, and a client can’t write in its name', () => {
  const request = forwarded('203.0.113.7')
  request.headers.set('x-postern-client', '198.51.100.9')
  expect(clientOf(request, 1)).toBe('203.0.113.7')
  Object.defineProperty(request, CLIENT, { value: '192.0.2.55' })
  expect(clientOf(request, 1)).toBe('192.0.2.55')
})
