#!/usr/bin/env node
import { existsSync } from 'node:fs'

const main = new URL('../dist/main.js', import.meta.url)
if (existsSync(main)) {
  const { main: run } = await import(main.href)
  await run(process.argv.slice(2))
} else {
  process.stderr.write('postern: The command line is not built yet\n  Run npm run build in the repository of postern\n')
  process.exitCode = 2
}
