// Audits one generated tree with `postern check`, oxlint and ESLint with eslint-plugin-security, round by round: npm run bench:audit -- --help
import { execFile, spawnSync } from 'node:child_process'
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { writeTree } from './audit-tree.mjs'

const HELP = `npm run bench:audit -- [options]

  --files N   how many files the tree has (default 3000)
  --rounds N  how often each is run; medians are told (default 3)
  --json      print the result for machines
`

const { values } = parseArgs({
  options: {
    files: { type: 'string', default: '3000' },
    rounds: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) {
  process.stdout.write(HELP)
  process.exit(0)
}
const [files, rounds] = [Number(values.files), Number(values.rounds)]
if (!(files >= 100) || !(rounds >= 1)) {
  process.stderr.write('bench:audit: --files takes a number from 100 on, --rounds one from 1 on\n')
  process.exit(2)
}

/** TypeScript 7's package has no parser to be asked; 5.9 is the last that these take. */
const PEERS = ['eslint@9', 'eslint-plugin-security@3', '@typescript-eslint/parser@8', 'typescript@5.9']
const CONFIG = `import parser from '@typescript-eslint/parser'
import security from 'eslint-plugin-security'
export default [
  { files: ['**/*.{ts,tsx,js,mjs}'], languageOptions: { parser, parserOptions: { ecmaFeatures: { jsx: true } } } },
  security.configs.recommended,
]
`

const root = fileURLToPath(new URL('..', import.meta.url))
const postern = join(root, 'packages/cli/bin/postern.js')
const peers = installed()
const tree = mkdtempSync(join(tmpdir(), 'postern-audit-'))
writeTree(tree, files)
for (const words of [
  ['init', '-q'],
  ['add', '-A'],
  ['commit', '-qm', 'all'],
])
  run('git', ['-c', 'user.name=bench', '-c', 'user.email=bench@localhost', ...words])
appendFileSync(join(tree, 'src/services/area5/service5.ts'), '\n// What has changed.\n')

const CONTENDERS = [
  { name: 'postern check', words: [postern, 'check'], codes: [1], files },
  { name: 'postern check --changed', words: [postern, 'check', '--changed'], codes: [0, 1], files: 1 },
  { name: 'oxlint', words: [join(root, 'node_modules/oxlint/bin/oxlint')], codes: [0, 1], files },
  {
    name: 'eslint-plugin-security',
    words: [join(peers, 'node_modules/eslint/bin/eslint.js'), '--no-config-lookup', '-c', join(peers, 'eslint.config.mjs'), '.'],
    codes: [0, 1],
    files,
  },
] // prettier-ignore

const measured = new Map(CONTENDERS.map(({ name }) => [name, []]))
for (let round = 0; round < rounds; round += 1)
  for (const { name, words, codes } of round % 2 === 0 ? CONTENDERS : CONTENDERS.toReversed())
    measured.get(name).push(await measure(words, codes))
rmSync(tree, { recursive: true, force: true })

const rows = CONTENDERS.map(({ name, files: count }) => {
  const median = (of) => measured.get(name).map(of).sort((a, b) => a - b)[Math.floor(rounds / 2)]
  const [seconds, cpu, megabytes] = [median((one) => one.seconds), median((one) => one.cpu), median((one) => one.megabytes)]
  return { name, seconds, filesPerSecond: Math.round(count / seconds), cpu, megabytes }
}) // prettier-ignore
if (values.json) process.stdout.write(`${JSON.stringify({ version: 1, files, rounds, rows }, null, 2)}\n`)
else {
  const [name, ...others] = ['', 'seconds', 'files/s', 'CPU s', 'MB']
  process.stdout.write(line(name, others))
  for (const { name: who, seconds, filesPerSecond, cpu, megabytes } of rows)
    process.stdout.write(line(who, [seconds.toFixed(2), filesPerSecond, cpu.toFixed(2), megabytes]))
}

function line(first, cells) {
  return `${first.padEnd(26)}${cells.map((cell) => String(cell).padStart(9)).join('')}\n`
}

/** Seconds of the clock; of all cores; and the most memory that one of its processes held, where GNU time tells. */
function measure(words, codes) {
  const hasTime = existsSync('/usr/bin/time')
  const [program, ...rest] = hasTime
    ? ['/usr/bin/time', '-q', '-f', '\ntold %U %S %M', process.execPath, ...words]
    : [process.execPath, ...words]
  const began = performance.now()
  return new Promise((resolve, reject) => {
    execFile(program, rest, { cwd: tree, maxBuffer: 1e9 }, (error, stdout, stderr) => {
      const seconds = (performance.now() - began) / 1000
      const code = error === null ? 0 : error.code
      if (!codes.includes(code)) return reject(new Error(`${words[0]} ended with ${code}: ${stderr.slice(0, 2_000)}`))
      const [, user = 'NaN', system = 'NaN', kilobytes = 'NaN'] = /told (\S+) (\S+) (\d+)\s*$/.exec(stderr) ?? []
      return resolve({ seconds, cpu: Number(user) + Number(system), megabytes: Math.round(Number(kilobytes) / 1024) })
    })
  })
}

/** ESLint is a guest: it is installed where the benchmark needs it, and no part of the project. */
function installed() {
  const directory = join(root, 'node_modules/.cache/postern/audit-peers')
  mkdirSync(directory, { recursive: true })
  writeFileSync(join(directory, 'package.json'), '{"private":true}')
  writeFileSync(join(directory, 'eslint.config.mjs'), CONFIG)
  if (!existsSync(join(directory, 'node_modules/eslint-plugin-security')))
    run('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--silent', ...PEERS], directory)
  return directory
}

function run(program, words, cwd = tree) {
  const { status, stderr } = spawnSync(program, words, { cwd, encoding: 'utf8' })
  if (status !== 0) throw new Error(`${program} ${words.join(' ')} ended with ${status}: ${stderr}`)
}
