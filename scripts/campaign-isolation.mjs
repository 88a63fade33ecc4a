// Builds test/isolation/run-campaign.ts and runs it, because Node 20 does not read TypeScript:
// npm run campaign:isolation -- [--operations 1000000] [--seed 1] [--on postgres-18|postgres-15|pgbouncer]
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url))
const outfile = at('node_modules/.cache/postern/run-campaign.mjs')
const parts = ['auth', 'database', 'schema', 'server', 'testing']
const sources = Object.fromEntries(
  parts.map((part) => [`postern/${part}`, at(`packages/postern/src/${part}/index.ts`)]),
)

await build({
  entryPoints: [at('test/isolation/run-campaign.ts')],
  outfile,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  sourcemap: 'inline',
  logLevel: 'warning',
  packages: 'external',
  alias: { vitest: at('test/isolation/provided.ts'), ...sources },
})
const child = spawn(process.execPath, ['--enable-source-maps', outfile, ...process.argv.slice(2)], { stdio: 'inherit' })
child.on('exit', (code) => {
  process.exitCode = code ?? 1
})
