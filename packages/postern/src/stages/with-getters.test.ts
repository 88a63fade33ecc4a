import { expect, test } from 'vitest'
import { withGetters } from './with-getters.js'

const asked: string[] = []
const withName = withGetters<{ readonly name: string }>({
  name: ({ name }) => {
    asked.push(name)
    return name
  },
})

test('a getter answers from what its own object was given, taken apart or copied, and only when it is asked', () => {
  const alice = withName({ id: 1 }, { name: 'alice' })
  const bob = withName({ id: 2 }, { name: 'bob' })
  expect(asked).toEqual([])
  const { name } = bob as unknown as { name: string }
  expect(name).toBe('bob')
  expect({ ...alice }).toEqual({ id: 1, name: 'alice' })
  expect(Object.keys(alice)).toEqual(['id', 'name'])
  expect(asked).toEqual(['bob', 'alice'])
})

const getterOf = (object: object) => Object.getOwnPropertyDescriptor(object, 'name')!.get

// A getter of its own would give each object a shape of its own, which holds all that the getter sees until a full collection.
test('all objects have the very same getter', () => {
  expect(getterOf(withName({}, { name: 'alice' }))).toBe(getterOf(withName({}, { name: 'bob' })))
})
