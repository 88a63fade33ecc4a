import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { sqlOf } from '../../test/schema-sql.js'
import { factsOf, id, Secret, secret, table, text, user } from './index.js'

const apiKeys = table(
  'api_keys',
  { id: id(), label: text().notNull(), key: secret(text().notNull()) },
  { owner: user() },
)

describe('a secret column', () => {
  const held = new Secret('s3cret')

  it('says what it holds only when it is asked', () => {
    expect(held.reveal()).toBe('s3cret')
  })

  it.each([
    ['in a text', () => `${held}`],
    ['in JSON', () => JSON.stringify({ label: 'ci', key: held })],
    ['in a log', () => inspect({ key: held }, { depth: 9, showHidden: true })],
    ['in an error', () => new Error(`refused: ${held}`).message],
    ['spread into another object', () => JSON.stringify({ ...held })],
    ['by its keys', () => JSON.stringify(Object.entries(held))],
  ])('says nothing %s', (_, shown) => {
    expect(shown()).not.toContain('s3cret')
  })

  it('is known to the table, so that no row shows it', () => {
    expect(factsOf(apiKeys)!.columns.key).toMatchObject({ secret: true, writable: true })
    expect(factsOf(apiKeys)!.columns.label).toMatchObject({ secret: false })
  })

  it('is an ordinary column in SQL', async () => {
    expect((await sqlOf({ apiKeys })).join('\n')).toContain('"key" text NOT NULL')
  })
})
