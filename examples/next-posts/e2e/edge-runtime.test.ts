import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { buildNext, PROJECT } from '../test/running.ts'

const folder = join(PROJECT, 'app/api/on-the-edge')
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('an endpoint on the edge runtime does not build, and the reason is one sentence', async () => {
  mkdirSync(folder)
  writeFileSync(
    join(folder, 'route.ts'),
    `import { listQuery, page } from 'postern'
import { endpoint } from '../../../backend.ts'
import { posts } from '../../../schema/index.ts'
export const runtime = 'edge'
export const GET = endpoint({ public: 'posts are published', query: listQuery(posts) }, page(posts))
`,
  )
  const { code, said } = await buildNext()
  expect(code).not.toBe(0)
  expect(said).toContain('postern speaks TCP to PostgreSQL, which an edge runtime cannot')
})
