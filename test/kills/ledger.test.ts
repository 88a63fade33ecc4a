import { expect, test } from 'vitest'
import { type Contents, Ledger } from './ledger.js'

/** Two writes of one writer, both answered, and what the tables hold afterwards. */
function judged(contents: Partial<Contents>) {
  const ledger = new Ledger()
  ledger.acknowledge(ledger.send('w1', 'paved'), '1')
  ledger.acknowledge(ledger.send('w1', 'counted'), '2')
  const { lost, doubled, strange, unresolved } = ledger.judge({ ...WHOLE, ...contents })
  return { lost: lost.length, doubled: doubled.length, strange: strange.length, unresolved: unresolved.length }
}

const row = (id: string, note: string, owner = 'w1') => ({ id, owner, note })
const ROWS = [row('1', 'w1-0'), row('2', 'w1-1')]
const WHOLE: Contents = { entries: ROWS, counters: { w1: 1 } }
const NONE = { lost: 0, doubled: 0, strange: 0, unresolved: 0 }

test.each<[string, Partial<Contents>, Partial<typeof NONE>]>([
  ['what was answered and is there', {}, {}],
  ['a row that is gone', { entries: [row('2', 'w1-1')] }, { lost: 1 }],
  ['a row that is there under another id', { entries: [row('7', 'w1-0'), row('2', 'w1-1')] }, { lost: 1 }],
  ['a row that is another’s', { entries: [row('1', 'w1-0', 'w2'), row('2', 'w1-1')] }, { lost: 1, strange: 1 }],
  ['a row that is there twice', { entries: [...ROWS, row('3', 'w1-0')] }, { doubled: 1 }],
  ['an effect that happened twice beside one row', { counters: { w1: 2 } }, { doubled: 1 }],
  ['an effect that did not happen beside its row', { counters: {} }, { lost: 1 }],
  ['a row that nobody sent', { entries: [...ROWS, row('3', 'w1-2')] }, { strange: 1 }],
  ['a count of somebody who never wrote', { counters: { w1: 1, w2: 1 } }, { strange: 1 }],
])('the checker tells %s', (_, contents, found) => expect(judged(contents)).toEqual({ ...NONE, ...found }))

test('and a write that nobody ever answered, whether it is there or not', () => {
  const ledger = new Ledger()
  ledger.send('w1', 'paved')
  const contents = { entries: [row('1', 'w1-0')], counters: {} }
  expect(ledger.judge(contents)).toMatchObject({ unresolved: ['w1-0 was never answered'], lost: [], strange: [] })
})
