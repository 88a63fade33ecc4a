// Builds the benchmarks, because Node 20 does not read TypeScript, and runs one: `npm run bench -- --help` says how, and so does
// `npm run bench:webhooks -- --help`.
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { bundleProgram, posternSources } from '../scripts/bundle-program.mjs'

const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url))
// Beside the packages that only postern has (better-auth), so that they are found; a folder for each run, because two may run at once.
const cache = at('packages/postern/node_modules/.cache')
mkdirSync(cache, { recursive: true })
const outdir = mkdtempSync(`${cache}/bench-`)
const servers = readdirSync(at('bench/servers')).filter((file) => file.endsWith('.server.ts'))
const entries = [
  'main.ts',
  'webhooks-main.ts',
  'load-process.ts',
  'delay-process.ts',
  ...servers.map((file) => `servers/${file}`),
]

await bundleProgram({
  entryPoints: entries.map((file) => at(`bench/${file}`)),
  outdir,
  outbase: at('bench'),
  outExtension: { '.js': '.mjs' },
  alias: posternSources(at('.')),
})
const args = process.argv.slice(2)
const program =
  args[0] === 'webhooks' ? [`${outdir}/webhooks-main.mjs`, ...args.slice(1)] : [`${outdir}/main.mjs`, ...args]
const child = spawn(process.execPath, ['--enable-source-maps', ...program], {
  stdio: 'inherit',
  env: { ...process.env, BENCH_NEXT: at('bench/next') },
})
// A terminal sends its interrupt to both: the benchmark stops what it started, and its end is ours.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
child.on('exit', (code) => {
  rmSync(outdir, { recursive: true, force: true })
  process.exitCode = code ?? 1
})
