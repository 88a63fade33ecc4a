import { expect, test } from 'vitest'
import { Savepoints } from './savepoints.js'

test('a request that used a savepoint costs the requests after it nothing', async () => {
  const before = await microsecondsForAnAwait()
  for (let request = 0; request < 3_000; request += 1) {
    const savepoints = new Savepoints(async () => {})
    await savepoints.within(async () => {})
  }
  // Node keeps every AsyncLocalStorage that was ever entered, and asks each of them at each promise: one for each request made an await
  // 3,000 times dearer here. The allowance is for a busy machine.
  expect(await microsecondsForAnAwait()).toBeLessThan(before * 8 + 1)
})

test('savepoints beside one another wait, those within go ahead', async () => {
  const sent: string[] = []
  const savepoints = new Savepoints(async (text) => void sent.push(text))
  await Promise.all([
    savepoints.within(() => savepoints.within(async () => void sent.push('first'))),
    savepoints.within(async () => void sent.push('second')),
  ])
  expect(sent).toEqual([
    'savepoint postern_1',
    'savepoint postern_2',
    'first',
    'release savepoint postern_2',
    'release savepoint postern_1',
    'savepoint postern_1',
    'second',
    'release savepoint postern_1',
  ])
})

test('those of another database stand beside ours, and not in our stack', async () => {
  const sent: string[] = []
  const [ours, other] = ['ours', 'other'].map(
    (of) => new Savepoints(async (text) => void sent.push(`${of}: ${text}`)),
  ) as [Savepoints, Savepoints]
  await other.within(() =>
    Promise.all([
      ours.within(async () => {
        await Promise.resolve()
        await other.within(() => ours.within(async () => {}))
      }),
      ours.within(async () => {}),
    ]),
  )
  expect(sent.filter((text) => text.startsWith('ours'))).toEqual([
    'ours: savepoint postern_1',
    'ours: savepoint postern_2',
    'ours: release savepoint postern_2',
    'ours: release savepoint postern_1',
    'ours: savepoint postern_1',
    'ours: release savepoint postern_1',
  ])
  expect(sent.filter((text) => text.startsWith('other'))).toEqual([
    'other: savepoint postern_1',
    'other: savepoint postern_2',
    'other: release savepoint postern_2',
    'other: release savepoint postern_1',
  ])
})

async function microsecondsForAnAwait(): Promise<number> {
  const times = 20_000
  const started = performance.now()
  for (let index = 0; index < times; index += 1) await Promise.resolve(index)
  return ((performance.now() - started) * 1_000) / times
}
