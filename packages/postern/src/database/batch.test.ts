import { describe, expect, test } from 'vitest'
import { allNotes, onEachDriver } from '../../../../test/support/drivers.js'
import { SERVICE } from './identity.js'
import type { Statement } from './statement.js'

const asService: Statement = { text: "select set_config('role', $1, true)", values: [SERVICE.role] }
const insert = (body: string): Statement => ({
  name: 'insert-note',
  text: "insert into notes (owner_id, body) values ('alice', $1) returning body",
  values: [body],
})
const withConnection = ({ connect }: Parameters<Parameters<typeof onEachDriver>[0]>[0]) => {
  const db = connect({ poolSize: 1 })
  return { db, unit: () => db.unit({ mode: 'statement' }) }
}

onEachDriver((driver) => {
  describe('a batch is one implicit transaction', () => {
    test('all of it happens, and every statement has its own answer', async () => {
      const { db, unit } = withConnection(driver)
      const results = await unit().runAll(SERVICE, [
        insert('whole-1'),
        insert('whole-2'),
        { text: 'select 1 as one', values: [] },
      ])
      expect(results.map(({ rows, command, rowCount }) => ({ rows, command, rowCount }))).toEqual([
        { rows: [['whole-1']], command: 'INSERT', rowCount: 1 },
        { rows: [['whole-2']], command: 'INSERT', rowCount: 1 },
        { rows: [['1']], command: 'SELECT', rowCount: 1 },
      ])
      expect(results.map(({ fields }) => fields.map(({ name }) => name))).toEqual([['body'], ['body'], ['one']])
      expect(await allNotes(db, 'whole-%')).toEqual(['whole-1', 'whole-2'])
    })

    test('an error in the middle undoes what came before, skips what comes behind, and the connection lives on', async () => {
      const { db, unit } = withConnection(driver)
      const tick = async () =>
        Number((await unit().run(SERVICE, { text: "select nextval('ticks')", values: [] })).rows[0]![0])
      const before = await tick()
      const batch = [
        insert('half'),
        { text: 'select 1 / $1::int', values: [0] },
        { text: "select nextval('ticks')", values: [] },
      ]
      await expect(unit().runAll(SERVICE, batch)).rejects.toMatchObject({ code: '22012' })
      expect(await allNotes(db, 'half')).toEqual([])
      expect(await tick()).toBe(before + 1)
    })

    test('a statement first prepared in a batch that failed can be used afterwards', async () => {
      const { db, unit } = withConnection(driver)
      const named: Statement = { name: 'born-in-failure', text: 'select $1::text as said', values: ['again'] }
      await expect(unit().runAll(SERVICE, [named, { text: 'select 1 / 0', values: [] }])).rejects.toMatchObject({
        code: '22012',
      })
      for (let turn = 0; turn < 3; turn += 1) expect((await unit().run(SERVICE, named)).rows).toEqual([['again']])
      expect(await allNotes(db, 'nothing')).toEqual([])
    })

    test('the same named statement twice in one batch', async () => {
      const { unit } = withConnection(driver)
      const twice: Statement = { name: 'twice-in-one', text: 'select $1::int as n', values: [1] }
      const results = await unit().runAll(SERVICE, [twice, { ...twice, values: [2] }])
      expect(results.map(({ rows }) => rows)).toEqual([[['1']], [['2']]])
    })

    test('a table that changes under a prepared statement is read anew', async () => {
      const { db, unit } = withConnection(driver)
      await db.asOwner((owner) =>
        owner.script('create table changing (a int); grant select on changing to service_role'),
      )
      const all: Statement = { name: 'changing', text: 'select * from changing', values: [] }
      expect((await unit().run(SERVICE, all)).fields.map(({ name }) => name)).toEqual(['a'])
      await db.asOwner((owner) => owner.script('alter table changing add column b int'))
      expect((await unit().run(SERVICE, all)).fields.map(({ name }) => name)).toEqual(['a', 'b'])
    })

    test('a value that cannot be said is refused before anything is sent', async () => {
      const { db, unit } = withConnection(driver)
      const circular: Record<string, unknown> = {}
      circular['itself'] = circular
      await expect(
        unit().runAll(SERVICE, [insert('unsaid'), { text: 'select $1::jsonb', values: [circular] }]),
      ).rejects.toThrow(/circular/)
      await expect(unit().run(SERVICE, { text: 'select 1', values: Array(65_536).fill(0) })).rejects.toThrow(RangeError)
      expect(await allNotes(db, 'unsaid')).toEqual([])
    })

    test('what is said arrives whole: long text, four-byte characters, bytes, NULL, nothing', async () => {
      const { unit } = withConnection(driver)
      const long = 'ä€😀\n'.repeat(50_000)
      const bytes = Buffer.from([0, 255, 10, 0])
      const text = 'select $1::text, $2::bytea, $3::text, $4::text, $5::int, $6::text'
      const said = { name: 'said', text, values: [long, bytes, null, '', 7, 'end'] }
      for (let turn = 0; turn < 2; turn += 1)
        expect((await unit().run(SERVICE, said)).rows).toEqual([[long, '\\x00ff0a00', null, '', '7', 'end']])
    })

    test('an empty statement and a copy answer without hanging', async () => {
      const { unit } = withConnection(driver)
      expect((await unit().run(SERVICE, { text: '', values: [] })).rows).toEqual([])
      await expect(unit().run(SERVICE, { text: 'copy notes from stdin', values: [] })).rejects.toThrow(/COPY/i)
      expect((await unit().runAll(SERVICE, [asService])).length).toBe(1)
    })
  })
})
