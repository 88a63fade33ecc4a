import { describe, expect, test } from 'vitest'
import { audit } from '../../audit.js'
import { treeOf } from '../../facts/source/read-tree.js'
import { RULEBOOK } from '../rulebook.js'

const RULE = RULEBOOK.filter(({ id }) => id === 'redirect-swallowed')

async function linesOf(body: string): Promise<number[]> {
  const text = `'use server'
import { isRedirectError } from 'next/dist/client/components/redirect-error'
import { redirect, notFound, unstable_rethrow } from 'next/navigation'
import { db } from '@/lib/db'
${body}`
  return (await audit(treeOf({ 'app/actions.ts': text }), RULE)).findings.map(({ line }) => line)
}

const action = (inTry: string, inCatch: string, behind = '') => `export async function save() {
  try {
    ${inTry}
  } catch (error) {
    ${inCatch}
  }
  ${behind}
}
`

describe('a catch that keeps what it caught', () => {
  test.each([
    ["redirect('/a')", "return { error: 'no' }"],
    ["redirect('/a')", 'console.error(error)'],
    ["redirect('/a')", "redirect('/error')"],
    ["redirect('/a')", "throw new Error('Saving failed')"],
    ["redirect('/a')", 'throw new Error(String(error), { cause: error })'],
    ["if (await db.post.count() > 0) redirect('/a')", "return { error: 'no' }"],
    ['notFound()', 'return null'],
  ])('%s … %s', async (inTry, inCatch) => expect(await linesOf(action(inTry, inCatch))).toEqual([7]))

  test('in a helper that the try calls', async () => {
    const helper = "async function done() {\n  redirect('/a')\n}\n"
    expect(await linesOf(`${action('await done()', 'return null')}${helper}`)).toEqual([14])
  })

  test('around another that throws it on', async () => {
    const inner = "try { redirect('/a') } catch (inner) { throw inner }"
    expect(await linesOf(action(inner, 'return null'))).toEqual([7])
  })
})

describe('a catch that throws it on, or is not around it', () => {
  test.each([
    ["redirect('/a')", 'throw error', ''],
    ["redirect('/a')", "if (isRedirectError(error)) throw error\n    return { error: 'no' }", ''],
    ["redirect('/a')", 'unstable_rethrow(error)\n    return null', ''],
    ["redirect('/a')", "if (error.message === 'NEXT_REDIRECT') throw error", ''],
    ['await db.post.deleteMany()', "return { error: 'no' }", "redirect('/a')"],
    ['await db.post.deleteMany()', "redirect('/error')", ''],
  ])('%s … %s … %s', async (inTry, inCatch, behind) =>
    expect(await linesOf(action(inTry, inCatch, behind))).toEqual([]),
  )

  test('a try that only has a finally catches nothing', async () => {
    expect(
      await linesOf("export async function save() {\n  try { redirect('/a') } finally { await db.$disconnect() }\n}\n"),
    ).toEqual([])
  })
})
