import { randomUUID } from 'node:crypto'
import { afterEach, expect, test } from 'vitest'
import { createBackend } from './backend.js'
import { database } from './database/database.js'
import { observeEveryBackend } from './every-backend.js'

const backend = () => createBackend({ database: database({ schema: {}, directory: 'memory://' }), auth: () => null })
const name = `test ${randomUUID()}`
afterEach(() => observeEveryBackend(name, () => {}))

async function called({ endpoint }: ReturnType<typeof backend>): Promise<void> {
  await endpoint({ public: 'a test' }, () => ({}))(new Request('http://127.0.0.1/'))
}

test('each copy of a backend is heard, those that were made before and those that come later', async () => {
  const early = backend()
  const heard: string[] = []
  observeEveryBackend(name, ({ type }) => void heard.push(type))
  await called(early)
  await called(backend())
  expect(heard.filter((type) => type === 'request.answered')).toHaveLength(2)
})

test('an observer of the same name takes the place of the last: a module that is loaded again writes no line twice', async () => {
  const heard: string[] = []
  for (const copy of ['first', 'second']) {
    observeEveryBackend(name, ({ type }) => void (type === 'request.answered' && heard.push(copy)))
  }
  await called(backend())
  expect(heard).toEqual(['second'])
})

test('one that throws breaks no request', async () => {
  observeEveryBackend(name, () => {
    throw new Error('the observer is broken')
  })
  const { endpoint } = backend()
  expect((await endpoint({ public: 'a test' }, () => ({}))(new Request('http://127.0.0.1/'))).status).toBe(200)
})
