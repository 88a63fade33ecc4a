// How long a change takes from saving the file to the answer of the new code, on the example with its embedded database:
// by `postern dev` as it is, and by a new process for each change, as it was. `npm run build`, then `node bench/dev-reload.mjs`.
//
// Last figures (2 cores, Node 20.20, medians of 15 and of 5, the heap after a collection; other work beside, load 8):
// reload 175 ms, restart 4492 ms, ratio 0.039; each reload keeps 554 kB
import { spawn } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const BIN = join(ROOT, 'packages/cli/bin/postern.js')
const RELOADS = 15
const RESTARTS = 5
const ROUTE = 'app/api/bench/route.ts'

// Beside the example, so that it finds its packages; git ignores `.postern`.
const example = join(ROOT, 'examples/invoices')
mkdirSync(join(example, '.postern'), { recursive: true })
const directory = mkdtempSync(join(example, '.postern/bench-'))
for (const name of ['app', 'auth.ts', 'backend.ts', 'database.ts', 'inputs.ts', 'migrations', 'schema', 'seed.ts'])
  cpSync(join(example, name), join(directory, name), { recursive: true })
writeFileSync(join(directory, 'package.json'), '{ "type": "module" }')

const write = (version) => {
  cpSync(join(directory, 'app/api/rates'), join(directory, 'app/api/bench'), { recursive: true })
  writeFileSync(
    join(directory, ROUTE),
    `import { endpoint } from '../../../backend.ts'
import v8 from 'node:v8'
import vm from 'node:vm'
v8.setFlagsFromString('--expose-gc')
const gc = vm.runInNewContext('gc')
export const GET = endpoint({ public: 'a measurement' }, () => {
  gc()
  return { version: ${version}, process: process.pid, heap: process.memoryUsage().heapUsed }
})
`,
  )
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

async function answerOf(url, wanted) {
  for (;;) {
    const answer = await fetch(`${url}/api/bench`, { headers: { connection: 'close' } })
      .then((response) => response.json())
      .catch(() => undefined)
    if (answer !== undefined && wanted(answer)) return answer
    await pause(2)
  }
}

let version = 1
write(version)
const child = spawn(process.execPath, [BIN, 'dev', '--port', '0', '--cwd', directory], {
  env: { ...process.env, DATABASE_URL: '', NODE_ENV: 'development' },
})
let said = ''
for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (said += text))
try {
  let url
  while ((url = /Listening on (http\S+)/.exec(said)?.[1]) === undefined) {
    if (child.exitCode !== null) throw new Error(said)
    await pause(20)
  }
  const reloads = []
  const before = await answerOf(url, () => true)
  let last = before
  for (let count = 0; count < RELOADS; count++) {
    version += 1
    const wanted = version
    const started = performance.now()
    write(wanted)
    last = await answerOf(url, (answer) => answer.version === wanted)
    reloads.push(performance.now() - started)
    await pause(100)
  }
  const kilobytes = (last.heap - before.heap) / RELOADS / 1000
  const restarts = []
  for (let count = 0; count < RESTARTS; count++) {
    const started = performance.now()
    // Written anew as it is: a package may have changed, so this still takes a new process.
    const manifest = join(directory, 'package.json')
    writeFileSync(manifest, readFileSync(manifest))
    const old = last.process
    last = await answerOf(url, (answer) => answer.process !== old)
    restarts.push(performance.now() - started)
    await pause(300)
  }
  const [reload, restart] = [median(reloads), median(restarts)]
  process.stdout.write(
    `reload ${reload.toFixed(0)} ms, restart ${restart.toFixed(0)} ms, ratio ${(reload / restart).toFixed(3)}; ` +
      `each reload keeps ${kilobytes.toFixed(0)} kB\n`,
  )
} finally {
  child.kill('SIGTERM')
  await new Promise((resolve) => child.once('exit', resolve))
  rmSync(directory, { recursive: true, force: true })
}
