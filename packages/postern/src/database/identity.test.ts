import { expect, test } from 'vitest'
import { identityOf } from './identity.js'

const claimsOf = (...asked: Parameters<typeof identityOf>) => JSON.parse(identityOf(...asked).claims) as unknown

test('what changes in a principal is said with the next statement, however little of it can change', () => {
  const team = ['billing']
  const principal = Object.freeze({ id: 'alice', roles: [], claims: Object.freeze({ app: Object.freeze({ team }) }) })
  expect(claimsOf(principal)).toMatchObject({ app: { team: ['billing'] } })
  team.length = 0
  expect(claimsOf(principal)).toMatchObject({ app: { team: [] } })
})

test('a principal that can not change keeps its identity, and a header names an organization for one request only', () => {
  const principal = Object.freeze({ id: 'alice', roles: Object.freeze([]), claims: Object.freeze({}) })
  const alone = identityOf(principal)
  expect(alone.organization).toBeUndefined()
  expect(claimsOf(principal, 'one')).toMatchObject({ organization_id: 'one' })
  expect(claimsOf(principal, 'two')).toMatchObject({ organization_id: 'two' })
  expect(identityOf(principal)).toBe(alone)
})
