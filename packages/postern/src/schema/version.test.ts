import { describe, expect, it } from 'vitest'
import { sqlOf } from '../../test/schema-sql.js'
import { factsOf, id, secret, table, text, user, version } from './index.js'

const mine = { owner: user() }
const notes = table('notes', { id: id(), text: text(), version: version() }, mine)
const drafts = table('drafts', { id: id(), rowState: version() }, mine)

describe('a version', () => {
  it('is a whole number that begins with 1, whatever it is called', async () => {
    const sql = (await sqlOf({ notes, drafts })).join('\n')
    expect(sql).toContain('"version" bigint DEFAULT 1 NOT NULL')
    expect(sql).toContain('"row_state" bigint DEFAULT 1 NOT NULL')
  })

  it('is known to its table, and no client may write it', () => {
    expect([factsOf(notes)?.versionKey, factsOf(drafts)?.versionKey]).toEqual(['version', 'rowState'])
    expect(factsOf(notes)?.columns['version']?.writable).toBe(false)
    expect(factsOf(table('bare', { id: id() }, mine))?.versionKey).toBeUndefined()
  })

  it('is said once', () => {
    expect(() => table('t', { id: id(), a: version(), b: version() }, mine)).toThrow(
      "table('t') has two versions, a and b: say version() once",
    )
  })

  it('is no secret: the ETag shows it', () => {
    expect(() => table('t', { id: id(), version: secret(version()) }, mine)).toThrow(
      "table('t'): the version version can't be secret, because the ETag of a row shows it",
    )
  })
})
