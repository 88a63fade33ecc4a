// Builds a campaign and runs it, because Node 20 does not read TypeScript: node scripts/campaign.mjs NAME [options]
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { bundleProgram, posternSources } from './bundle-program.mjs'

const CAMPAIGNS = {
  faults: 'test/faults/run-campaign.ts',
  inbox: 'test/webhooks/run-model.ts',
  kills: 'test/kills/run-kills.ts',
  sabotage: 'test/sabotage/run-sabotages.ts',
  isolation: 'test/isolation/run-campaign.ts',
  hostile: 'test/hostile/run-campaign.ts',
  webhooks: 'test/webhooks/run-campaign.ts',
  code: 'test/hostile-code/run-campaign.ts',
}

const [name, ...options] = process.argv.slice(2)
const entry = CAMPAIGNS[name]
if (entry === undefined) {
  process.stderr.write(`campaign: npm run campaign:NAME, where NAME is ${Object.keys(CAMPAIGNS).join(', ')}\n`)
  process.exit(2)
}
const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url))
const outfile = at(`node_modules/.cache/postern/campaign-${name}.mjs`)
const sources = posternSources(at('.'))

await bundleProgram({
  entryPoints: [at(entry)],
  outfile,
  // What the tests ask vitest for, the address of a server, is asked of the campaign's own.
  alias: name === 'sabotage' ? sources : { ...sources, vitest: at('test/support/provided.ts') },
})
// In a group of its own: Ctrl-C would reach its databases and servers too, and end them before it can stop and judge.
const child = spawn(process.execPath, ['--enable-source-maps', '--expose-gc', outfile, ...options], {
  stdio: 'inherit',
  cwd: at('.'),
  detached: true,
})
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill('SIGINT'))
child.on('exit', (code) => {
  process.exitCode = code ?? 1
})
