import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { constants } from 'node:os'
import { resolve } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'

/** What the process that audits is told beside the command's words. */
export interface Orders {
  /** Work that others have ended with, as it was told, and why it is not tried again. */
  readonly givenUp: Readonly<Record<string, string>>
  readonly isCareful: boolean
  /** What this process reads of the tree meanwhile stands on the fifth stream, or nothing. */
  readonly isSurveyed?: boolean
}

export interface Supervision {
  /** How long one piece of work may take, in milliseconds. */
  readonly limit?: number
  /** The program that audits: the built `watched.ts`. */
  readonly program?: string
}

/** Far more than anything honest takes, on a machine that has other work too. */
const LIMIT = 10_000
/** So many are found out one by one. From then on all that looks as dangerous is left out unread. */
const BEFORE_CARE = 5
const MOST_ENDS = 20

const DIED = 'reading it ended the process'
const CANNOT = `postern: The audit ended ${MOST_ENDS} times before it was through
  Name the directories to audit one by one with --cwd, and report that please
`

/**
 * Runs `postern check` in a process of its own, and answers its exit code. The parser overflows its stack on what nests deeply
 * (ran: 4,000 arrows), and takes the square of its length for `a<a<a<` (ran: 0.7 s for 1,500 of them, so hours for a megabyte).
 * Neither can be caught from inside. Here it is another process that ends: what it was busy with is left out and told, and a new
 * one begins.
 */
export async function supervise(words: readonly string[], supervision: Supervision = {}): Promise<number> {
  const { limit = LIMIT, program = auditor() } = supervision
  const givenUp: Record<string, string> = {}
  for (let ends = 0; ends < MOST_ENDS; ends += 1) {
    // What ended one process may be what was surveyed.
    const root = ends === 0 ? rootOf(words) : undefined
    const orders: Orders = { givenUp, isCareful: ends >= BEFORE_CARE, isSurveyed: root !== undefined }
    const end = await attend([program, JSON.stringify(orders), ...words], limit, root)
    if ('code' in end) return end.code
    // Nothing to leave out, or it was left out already: the next would end the same way.
    if (end.busyWith === '' || givenUp[end.busyWith] !== undefined) break
    givenUp[end.busyWith] = end.isTooSlow ? `reading it took longer than ${limit / 1000} s` : DIED
  }
  process.stderr.write(CANNOT)
  return 2
}

/** `watched.js` and all its modules in one file, which Node finds and compiles in a third of the time; whoever made none has the modules. */
function auditor(): string {
  const bundled = fileURLToPath(new URL('./auditor.js', import.meta.url))
  return existsSync(bundled) ? bundled : fileURLToPath(new URL('./watched.js', import.meta.url))
}

type End = { readonly code: number } | { readonly busyWith: string; readonly isTooSlow: boolean }

function attend(args: readonly string[], limit: number, root: string | undefined): Promise<End> {
  return new Promise((done, reject) => {
    const streams = root === undefined ? [] : (['pipe'] as const)
    const child = spawn(process.execPath, [ROOM, ...args], {
      stdio: ['inherit', 'inherit', 'inherit', 'pipe', ...streams],
    })
    if (root !== undefined) void handOver(root, child).catch(() => {})
    let busyWith = ''
    let since = performance.now()
    let isTooSlow = false
    let stoppedBy: NodeJS.Signals | undefined
    let rest = ''
    const told = child.stdio[3] as Readable
    told.setEncoding('utf8').on('data', (text: string) => {
      const messages = (rest + text).split('\0')
      rest = messages.pop()!
      busyWith = messages.at(-1) ?? busyWith
      since = performance.now()
    })
    const isLate = () => busyWith !== '' && performance.now() - since > limit
    const watching = setInterval(() => {
      // What was told while this process slept is read before it judges.
      if (isLate()) setImmediate(() => void (isLate() && (isTooSlow = child.kill('SIGKILL'))))
    }, limit / 20)
    const stop = (signal: NodeJS.Signals) => {
      stoppedBy = signal
      child.kill(signal)
    }
    for (const signal of SIGNALS) process.on(signal, stop)
    const settle = () => {
      clearInterval(watching)
      for (const signal of SIGNALS) process.off(signal, stop)
    }
    child.on('error', (error) => {
      settle()
      reject(error)
    })
    // All that it told has been read when it is closed, and not when it has ended.
    child.on('close', (code) => {
      settle()
      if (stoppedBy !== undefined) done({ code: 128 + constants.signals[stoppedBy] })
      else if (code !== null && code <= 2) done({ code })
      else done({ busyWith, isTooSlow })
    })
  })
}

/**
 * Surveys the tree while the other process loads its modules, on whatever core is free, and writes down what it found. What fails
 * here is nobody's loss: who gets nothing reads for itself.
 */
async function handOver(root: string, child: ChildProcess): Promise<void> {
  const stream = child.stdio[4] as Writable
  // Nobody listens any more.
  stream.on('error', () => {})
  const isAsked = () => child.exitCode === null && child.signalCode === null
  const text = await import('./facts/source/survey.js').then(({ survey }) => survey(root, isAsked)).catch(() => '')
  stream.end(text)
}

/** The directory that is audited, where a survey of it saves time: where all is told, or mended, all is read anyway. */
function rootOf(words: readonly string[]): string | undefined {
  if (!words.includes('--changed') || words.includes('--fix')) return undefined
  const at = words.lastIndexOf('--cwd')
  const said = words.findLast((word) => word.startsWith('--cwd='))?.slice('--cwd='.length)
  return resolve(said ?? (at === -1 ? '.' : (words[at + 1] ?? '.')))
}

/** Megabytes for what is young: facts live long enough that a smaller room is cleared again and again. */
const ROOM = '--max-semi-space-size=32'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
