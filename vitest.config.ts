import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const source = (path: string) => fileURLToPath(new URL(`packages/postern/src/${path}`, import.meta.url))

export default defineConfig({
  resolve: {
    // Tests run the source, so that a stack trace names the line that was written.
    alias: [
      { find: /^postern$/, replacement: source('index.ts') },
      {
        find: /^postern\/(auth|database|next|opentelemetry|schema|server|testing|webhooks)$/,
        replacement: source('$1/index.ts'),
      },
    ],
  },
  test: {
    include: ['packages/*/src/**/*.test.ts', 'test/**/*.test.ts', 'examples/*/test/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    // Two cores are the floor: more workers than that and the databases wait for one another.
    maxWorkers: 2,
    // Machines are shared: a slow one must not look like a broken build.
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
})
