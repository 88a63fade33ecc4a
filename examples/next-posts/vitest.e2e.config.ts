import { fileURLToPath } from 'node:url'
import { mergeConfig } from 'vitest/config'
import shared from '../../vitest.config.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** What `npm test` runs of this example, and what takes longer. One file at a time: they build into one folder. */
const config = mergeConfig(shared, {
  root,
  test: { fileParallelism: false, globalSetup: ['examples/next-posts/e2e/provide-chromium.ts'] },
})
config.test!.include = ['examples/next-posts/test/next-posts.test.ts', 'examples/next-posts/e2e/*.test.ts']
export default config
