import { expect, test } from 'vitest'
import { limitedName } from './limited-name.js'

const at = (path: string, method = 'GET') => new Request(`http://localhost${path}`, { method })

/** Ids that a client may send to `/api/users/[id]/notes`, as the path has them, and as a host decodes them. */
const IDS = ['7', '8', 'users', 'notes', 'api', '%37', '%75sers', 'a%2Fb', '%E2%82%AC', 'x'.repeat(900), '.', "';--"]

const inPlace: typeof limitedName = (request, { id }) => new URL(request.url).pathname.replace(String(id), '[id]')
const rest = (path: string) => ({ path: path.split('/') })

function names(nameOf: typeof limitedName): Set<string> {
  return new Set(IDS.map((id) => nameOf(at(`/api/users/${id}/notes`), { id: decodeURIComponent(id) })))
}

test('a client gets no fresh limit by choosing another id', () => {
  // A dot segment never arrives: the URL parser takes it out, and no route is found.
  const ids = IDS.filter((id) => id !== '.')
  const found = new Set(ids.map((id) => limitedName(at(`/api/users/${id}/notes`), { id: decodeURIComponent(id) })))
  expect([...found]).toEqual(['["GET",["api","notes","users"],["id"]]'])
  // What the test would find: the path as it is, and params taken out where they stand.
  expect(names((request) => new URL(request.url).pathname).size).toBeGreaterThan(9)
  expect(names(inPlace).size).toBeGreaterThan(3)
})

test.each([
  ['another spelling of the fixed part', '/api/%75sers/7/notes', { id: '7' }],
  ['a slash at the end', '/api/users/7/notes/', { id: '7' }],
  ['a query', '/api/users/7/notes?x=1', { id: '7' }],
  ['a host that gives params as they stand in the path', '/api/users/%E2%82%AC/notes', { id: '%E2%82%AC' }],
])('nor by %s', (_, path, params) => {
  expect(limitedName(at(path), params)).toBe('["GET",["api","notes","users"],["id"]]')
})

test('HEAD is counted as the GET that it is', () => {
  expect(limitedName(at('/api/users', 'HEAD'), {})).toBe(limitedName(at('/api/users'), {}))
})

test('a rest of any length is one', () => {
  expect(limitedName(at('/files/a/b/files'), rest('a/b/files'))).toBe(limitedName(at('/files/x'), rest('x')))
})

test('other methods and other paths are others', () => {
  const found = [at('/api/users'), at('/api/notes'), at('/api/users', 'POST')].map((request) =>
    limitedName(request, {}),
  )
  expect(new Set(found).size).toBe(3)
  expect(limitedName(at('/api/7'), { id: '7' })).not.toBe(limitedName(at('/api/7'), { slug: '7' }))
})

test('params that stand in no path tell by their names alone', () => {
  expect(limitedName(at('/rewritten/1'), { id: 'a' })).toBe(limitedName(at('/rewritten/2'), { id: 'b' }))
})
