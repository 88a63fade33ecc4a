import { readFile } from 'node:fs/promises'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { problemResponse } from '../packages/postern/src/http/problem-response.js'
import { type InputError, isProblem, problem, type ProblemCode, problems } from '../packages/postern/src/index.js'

const root = new URL('../', import.meta.url)
const page = await readFile(new URL('docs/problems.md', root), 'utf8')
const codes = Object.keys(problems) as ProblemCode[]

describe('the page of problems', () => {
  test('is fresh: run `npm run build && node scripts/write-problems.mjs`', async () => {
    // Plain JavaScript, so that it runs without a build of its own: hence the path that TypeScript need not follow.
    const script = new URL('scripts/write-problems.mjs', root).href
    const { problemsPage } = (await import(/* @vite-ignore */ script)) as {
      problemsPage(table: typeof problems): string
    }
    expect(page).toBe(problemsPage(problems))
  })

  test('has each problem of the code, and the code each problem of the page', () => {
    const rows = [...page.matchAll(/^\| (\d+) +\| `([a-z-]+)` +\| (.+?) +\| (.+?) +\|$/gm)]
    const told = Object.fromEntries(
      rows.map(([, status, code, title, when]) => [code, { status: Number(status), title, when }]),
    )
    expect(told).toEqual(problems)
  })
})

describe('each problem', () => {
  test.each(codes)(
    '%s answers the status and the sentence of its row, and nothing that its cause holds',
    async (code) => {
      const thrown = problem(code, undefined, { cause: new Error('MARKER') })
      const response = problemResponse(thrown, 'r1')
      const { status, title } = problems[code]
      expect([isProblem(thrown), response.status, response.headers.get('content-type')]).toEqual([
        true,
        status,
        'application/problem+json',
      ])
      expect(await response.json()).toEqual({
        type: `urn:postern:problem:${code}`,
        title,
        status,
        code,
        requestId: 'r1',
      })
    },
  )

  test('has a status that means an error, and sentences that a person can read', () => {
    for (const { status, title, when } of Object.values(problems)) {
      expect(status).toBeGreaterThanOrEqual(400)
      expect(title).toMatch(/^[A-Z][^.]+$/)
      expect(when).toMatch(/^[A-Z].+\.$/)
    }
  })

  test('is one of the codes that types allow, and types allow no other', () => {
    expectTypeOf<ProblemCode>().toEqualTypeOf<keyof typeof problems>()
    expectTypeOf(problem).parameter(0).toEqualTypeOf<ProblemCode>()
    expectTypeOf<InputError>().toEqualTypeOf<{ readonly path: string; readonly message: string }>()
    // @ts-expect-error no such code
    expect(() => problem('teapot')).toThrow(TypeError)
  })

  test('a look-alike that was not made by problem() is none', () => {
    expect([isProblem({ name: 'Problem', code: 'conflict' }), isProblem(new Error('Problem'))]).toEqual([false, false])
    for (const code of ['toString', '__proto__', 'constructor']) {
      expect(isProblem(Object.assign(new Error('x'), { name: 'Problem', code }))).toBe(false)
    }
  })
})
