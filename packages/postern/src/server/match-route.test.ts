import { assert, constantFrom, property, shuffledSubarray, string } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isProblem } from '../problems.js'
import { matchRoute } from './match-route.js'
import { routeTable } from './route-table.js'

const PATHS = [
  '/',
  '/api/items',
  '/api/items/new',
  '/api/items/[id]',
  '/api/items/[id]/parts/[part]',
  '/api/items/[...rest]',
  '/files/[[...path]]',
  '/shop/new/only/here',
  '/shop/[id]/parts',
]

function match(pathname: string, paths: readonly string[] = PATHS) {
  const found = matchRoute(routeTable(paths.map((path) => ({ path }))), pathname)
  return found && [found.route.path, found.params]
}

describe('matching a path', () => {
  test.each([
    ['/', '/', {}],
    ['/api/items', '/api/items', {}],
    ['/api/items/new', '/api/items/new', {}],
    ['/api/items/7', '/api/items/[id]', { id: '7' }],
    ['/api/items/7/parts/8', '/api/items/[id]/parts/[part]', { id: '7', part: '8' }],
    ['/api/items/7/parts', '/api/items/[...rest]', { rest: ['7', 'parts'] }],
    ['/files', '/files/[[...path]]', {}],
    ['/files/a/b', '/files/[[...path]]', { path: ['a', 'b'] }],
    // A static folder that leads nowhere gives way to the dynamic one beside it.
    ['/shop/new/parts', '/shop/[id]/parts', { id: 'new' }],
  ])('%s is answered by %s', (pathname, path, params) => {
    expect(match(pathname)).toEqual([path, params])
  })

  test.each(['/api', '/api/item', '/API/items', '/shop', '/shop/7', '/api/items/', '//api/items', '/api//items', '//'])(
    '%s is answered by none',
    (pathname) => expect(match(pathname)).toBeNull(),
  )

  test('the order of the files does not matter', () => {
    const targets = [
      '/api/items/new',
      '/api/items/7',
      '/api/items/7/parts/8',
      '/api/items/7/x',
      '/files/a',
      '/shop/new/parts',
    ]
    assert(
      property(shuffledSubarray(PATHS, { minLength: PATHS.length }), (shuffled) => {
        for (const target of targets) expect(match(target, shuffled)).toEqual(match(target))
      }),
    )
  })
})

function outcomeOf(work: () => unknown): unknown {
  try {
    return work()
  } catch (error) {
    return error
  }
}

describe('percent-encoding', () => {
  test.each([
    ['/api/items/a%20b', { id: 'a b' }],
    ['/api/items/caf%C3%A9', { id: 'café' }],
    ['/api/items/a+b', { id: 'a+b' }],
    ['/api/items/%25', { id: '%' }],
    ['/api/items/a%2Fb', { id: 'a/b' }],
    ['/api/items/..%2F..%2Fetc', { id: '../../etc' }],
  ])('%s is decoded once, within its segment', (pathname, params) => {
    expect(match(pathname)).toEqual(['/api/items/[id]', params])
  })

  test('a static segment may be encoded too, and an encoded slash never splits one', () => {
    expect(match('/%61pi/items')).toEqual(['/api/items', {}])
    expect(match('/api%2Fitems')).toBeNull()
  })

  test.each(['/api/items/%', '/api/items/%ff', '/api/items/%E0%A4%A', '/nowhere/%zz', '/api/items/a%00b'])(
    '%s is a problem of the client',
    (pathname) => {
      expect(() => match(pathname)).toThrow(expect.objectContaining({ code: 'invalid' }))
    },
  )

  test('no pathname makes anything but a match, none, or that problem', () => {
    const characters = string({ unit: constantFrom('/', '%', '.', '2', 'e', 'f', 'F', 'a', '[', ']', '\0', 'é') })
    expect(() =>
      assert(
        property(characters, (text) => {
          const outcome = outcomeOf(() => match(`/${text}`))
          return outcome === null || Array.isArray(outcome) || isProblem(outcome)
        }),
        { numRuns: 5000 },
      ),
    ).not.toThrow()
  })

  test('a very long path costs about as much as a short one', () => {
    const started = performance.now()
    match(`/api/items/${'a/'.repeat(8000)}a`)
    expect(performance.now() - started).toBeLessThan(100)
  })
})
