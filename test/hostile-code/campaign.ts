import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { chanceOf, hostileFile, hugeFile } from './hostile-files.js'

export interface CodeCampaign {
  readonly seed: number
  /** The root of this repository: its sources are what is broken, and its command what is run. */
  readonly root: string
  readonly files: number
  /** Every so-many-th tree holds files that end the process which reads them. */
  readonly deadlyEvery: number
  readonly onProgress?: (files: number, mistakes: number) => void
}

export interface CodeOutcome {
  readonly files: number
  readonly trees: number
  /** Files that were listed as not read, by their reasons. */
  readonly unread: Readonly<Record<string, number>>
  readonly slowest: number
  readonly mistakes: readonly string[]
}

const FILES_OF_A_TREE = 1_000
const DEADLY_OF_A_TREE = 3
const HUGE_OF_A_TREE = 2
/** Two processes for two cores. */
const AT_ONCE = 2

/** The control: whatever stands around it, this is found. */
const OPEN = `import { db } from '@/lib/db'

export async function DELETE() {
  await db.post.deleteMany({ where: { published: false } })
}
`

/** Audits trees of hostile files by the real command: each audit ends, tells what it did not read, and finds what is open. */
export async function codeCampaign({ seed, root, files, deadlyEvery, onProgress }: CodeCampaign): Promise<CodeOutcome> {
  const sources = sourcesIn(root)
  const outcome = { files: 0, trees: 0, unread: {} as Record<string, number>, slowest: 0, mistakes: [] as string[] }
  const trees = Math.ceil(files / FILES_OF_A_TREE)
  let next = 0
  const work = async () => {
    while (next < trees) {
      const tree = next++
      const count = Math.min(FILES_OF_A_TREE, files - tree * FILES_OF_A_TREE)
      const deadly = tree % deadlyEvery === deadlyEvery - 1 ? DEADLY_OF_A_TREE : 0
      await auditTree(tree, count, deadly)
      onProgress?.(outcome.files, outcome.mistakes.length)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return outcome

  async function auditTree(tree: number, count: number, deadly: number): Promise<void> {
    const directory = mkdtempSync(join(tmpdir(), 'postern-hostile-'))
    const chance = chanceOf(seed * 1_000 + tree)
    const write = ({ path, bytes }: { path: string; bytes: Buffer }) => {
      mkdirSync(dirname(join(directory, path)), { recursive: true })
      writeFileSync(join(directory, path), bytes)
    }
    for (let index = 0; index < count; index += 1)
      write(
        index < HUGE_OF_A_TREE
          ? hugeFile(index, chance)
          : hostileFile(index, chance, sources, index < HUGE_OF_A_TREE + deadly),
      )
    write({ path: 'app/api/open/route.ts', bytes: Buffer.from(OPEN) })
    const began = performance.now()
    const wrong = await judge(root, directory, deadly, outcome.unread)
    outcome.slowest = Math.max(outcome.slowest, Math.round(performance.now() - began))
    if (wrong !== undefined) outcome.mistakes.push(`seed ${seed}, tree ${tree}: ${wrong}`)
    outcome.files += count
    outcome.trees += 1
    rmSync(directory, { recursive: true, force: true })
  }
}

interface Told {
  readonly findings: readonly { readonly rule: string; readonly file: string }[]
  readonly unreadable: readonly { readonly file: string; readonly reason: string }[]
  readonly faults: readonly { readonly rule: string; readonly error: string }[]
}

/** What is wrong with the audit of a tree, in a sentence. */
async function judge(
  root: string,
  directory: string,
  deadly: number,
  unread: Record<string, number>,
): Promise<string | undefined> {
  const { code, stdout, stderr } = await check(root, directory)
  if (code !== 1) return `it ended with ${code}: ${stderr.slice(0, 500)}`
  if (stderr !== '') return `it said ${stderr.slice(0, 500)}`
  const { findings, unreadable, faults } = JSON.parse(stdout) as Told
  for (const { reason } of unreadable) unread[reason] = (unread[reason] ?? 0) + 1
  if (faults.length > 0) return `the rule ${faults[0]!.rule} broke: ${faults[0]!.error.slice(0, 500)}`
  const broke = unreadable.find(({ reason }) => reason.startsWith('our reader broke'))
  if (broke !== undefined) return `${broke.file}: ${broke.reason}`
  if (!findings.some(({ rule, file }) => rule === 'auth-missing' && file === 'app/api/open/route.ts'))
    return 'what is open beside them was not found'
  const told = unreadable.filter(({ file }) => file.startsWith('app/api/deadly')).length
  return told === deadly ? undefined : `${told} of ${deadly} files that end a process were told`
}

/** So long does no tree take, on a machine that has other work too: what takes longer hangs. */
const LIMIT = 240_000

function check(root: string, cwd: string): Promise<{ code: unknown; stdout: string; stderr: string }> {
  const bin = join(root, 'packages/cli/bin/postern.js')
  const options = { cwd, maxBuffer: 1e9, timeout: LIMIT, env: { ...process.env, NO_COLOR: '1' } }
  return new Promise((resolve) => {
    execFile(process.execPath, [bin, 'check', '--json'], options, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : (error.code ?? error.signal), stdout, stderr }),
    )
  })
}

/** The sources of this repository, and the examples of its rules: what a mutation should break is code as people write it. */
function sourcesIn(root: string): string[] {
  const found: string[] = []
  const enter = (directory: string) => {
    for (const entry of readdirSync(join(root, directory), { withFileTypes: true })) {
      const path = `${directory}/${entry.name}`
      if (entry.isDirectory() && !/^(?:node_modules|dist|\.)/.test(entry.name)) enter(path)
      else if (entry.isFile() && /\.(?:[cm]?[jt]sx?|sql)$/.test(entry.name))
        found.push(readFileSync(join(root, path), 'utf8'))
      else if (entry.name === 'rule.md')
        for (const [, code] of readFileSync(join(root, path), 'utf8').matchAll(/^```\w+[^\n]*\n([^]*?)^```/gm))
          // Often, because it is what rules speak at.
          for (let times = 0; times < 4; times += 1) found.push(code!)
    }
  }
  for (const directory of ['packages/cli/src', 'packages/postern/src', 'examples']) enter(directory)
  return found.filter((text) => text.length > 0)
}
