import { describe, expect, test } from 'vitest'
import { problem } from '../problems.js'
import { completeProblemResponse, problemResponse } from './problem-response.js'
import { applySecurityHeaders } from './security-headers.js'

const refusals = {
  'without headers of its own': problem('not-found'),
  'with words and a list': problem('invalid', 'Too long', { errors: [{ path: 'body', message: 'No' }] }),
  'with headers': problem('unavailable', undefined, { headers: { 'retry-after': '1', allow: 'GET, HEAD' } }),
  'with a header that all answers have': problem('forbidden', undefined, {
    headers: { 'x-frame-options': 'SAMEORIGIN' },
  }),
}

describe.each(['http', 'https'] as const)('over %s a refusal that is made at once', (protocol) => {
  test.each(Object.entries(refusals))('is the one that is put together, byte for byte: %s', async (_, refusal) => {
    const slow = problemResponse(refusal, 'the-request')
    applySecurityHeaders(slow.headers, { secure: protocol === 'https' })
    const quick = completeProblemResponse(refusal, 'the-request', protocol)!
    expect(Object.fromEntries(quick.headers)).toEqual(Object.fromEntries(slow.headers))
    expect(quick.status).toBe(slow.status)
    expect(await quick.text()).toBe(await slow.text())
  })
})

test.each([{ 'Retry-After': '1' }, { 'x-said': ' 1' }, { 'x-said': 'a\r\nb: c' }, { 'x-said': 'ä' }, { 'x-said': '' }])(
  'headers that want to be put right are left to those who do: %j',
  (headers) => {
    expect(completeProblemResponse(problem('forbidden', undefined, { headers }), 'the-request', 'http')).toBeUndefined()
  },
)
