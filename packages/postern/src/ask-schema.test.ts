import { afterEach, beforeEach, expect, test } from 'vitest'
import { z } from 'zod'
import * as mini from 'zod/mini'
import { askSchema } from './ask-schema.js'

const unheard: unknown[] = []
const hear = (reason: unknown) => void unheard.push(reason)
beforeEach(() => void process.on('unhandledRejection', hear))
afterEach(() => {
  process.removeListener('unhandledRejection', hear)
  unheard.length = 0
})

/** Node tells of rejections that nobody hears when a turn of the event loop is over. */
const turnIsOver = () => new Promise((resolve) => setTimeout(resolve, 20))

test.each([
  ['zod', (look: () => Promise<boolean>) => z.string().refine(look)],
  ['zod/mini', (look: () => Promise<boolean>) => mini.string().check(mini.refine(look))],
])('a look that fails is heard once and ends nothing, and is made once (%s)', async (_, schemaOf) => {
  let looks = 0
  const failing = schemaOf(() => {
    looks += 1
    return Promise.reject(new Error('the database is away'))
  })
  await expect(askSchema(failing, 'x')).rejects.toThrow('the database is away')
  await turnIsOver()
  expect([looks, unheard]).toEqual([1, []])
})

test('a value that passes is what the schema makes of it; one that does not has its issues', async () => {
  const schema = z.object({ n: z.coerce.number().refine((n) => Promise.resolve(n > 1)) })
  expect(await askSchema(schema, { n: '2' })).toEqual({ value: { n: 2 } })
  const refused = await askSchema(schema, { n: '1' })
  expect(refused.issues).toMatchObject([{ path: ['n'] }])
})

test('another library is asked the standard’s way', async () => {
  const schema = {
    '~standard': { version: 1, vendor: 'own', validate: (value: unknown) => ({ value: [value] }) },
  } as const
  expect(await askSchema(schema, 1)).toEqual({ value: [1] })
})

test('by the standard’s way zod drops the first look: the control', async () => {
  const failing = z.string().refine(() => Promise.reject(new Error('away')))
  await expect(failing['~standard'].validate('x')).rejects.toThrow('away')
  await turnIsOver()
  expect(unheard).toHaveLength(1)
})
