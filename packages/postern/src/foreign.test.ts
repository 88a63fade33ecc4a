import { expect, test } from 'vitest'
import { foreign } from './foreign.js'
import { handlerFacts } from './server/handler-facts.js'

const handler = async () => new Response('theirs')

test('a foreign handler says why nothing of ours guards it, and answers as it did', async () => {
  const marked = foreign('the library verifies its callers', handler)
  expect(handlerFacts(marked)).toEqual({ kind: 'foreign', reason: 'the library verifies its callers' })
  expect(await (await marked(new Request('http://localhost/'))).text()).toBe('theirs')
})

test("the library's own function is left as it was", () => {
  foreign('a reason', Object.freeze(handler))
  expect(handlerFacts(handler)).toBeNull()
})

test('a mark without a reason is refused', () => {
  expect(() => foreign(' ', handler)).toThrow('foreign() needs a reason')
})
