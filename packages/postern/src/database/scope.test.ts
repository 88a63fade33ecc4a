import { expect, test } from 'vitest'
import { createBackend } from '../backend.js'
import { database } from './database.js'

const auth = () => ({ id: 'alice', roles: [], claims: {} })
const { endpoint } = createBackend({ database: database({ schema: {}, directory: 'memory://' }), auth })

test('nobody but the service becomes somebody else, where no type keeps a function from trying', async () => {
  const tries = endpoint({}, ({ db }) => ({
    principal: typeof (db as { readonly as?: unknown }).as,
    service: typeof db.asService('it writes for somebody').as,
    narrowed: typeof (db.asService('it writes for somebody').as({ id: 'bob' }) as { readonly as?: unknown }).as,
  }))
  const answer = await tries(new Request('http://localhost/', { method: 'POST' }))
  expect(await answer.json()).toEqual({ principal: 'undefined', service: 'function', narrowed: 'undefined' })
})
