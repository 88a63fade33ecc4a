import { expect, test } from 'vitest'
import { EndOfTurn } from './end-of-turn.js'

test('who waits in one turn goes on in the next, all together and in order; who comes then waits for its own', async () => {
  const turn = new EndOfTurn()
  const order: string[] = []
  const say = async (word: string) => {
    await turn.wait()
    order.push(word)
  }
  const said = ['first', 'second'].map(say)
  await Promise.resolve()
  expect(order).toEqual([])
  await Promise.all(said)
  expect(order).toEqual(['first', 'second'])
  await say('third')
  expect(order).toEqual(['first', 'second', 'third'])
})
