import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createVitest, type TestCase, type TestModule, type Vitest } from 'vitest/node'
import { broken, type Sabotage } from './sabotage.js'

/** What a test file said of one build. */
export type Verdict =
  | { readonly is: 'caught'; readonly by: readonly string[] }
  | { readonly is: 'missed' }
  /** It failed for a reason that proves nothing: nothing ran, or it ran out of time without being said to. */
  | { readonly is: 'void'; readonly why: string }

/** Runs test files on whole and on broken builds. */
export interface Bench {
  /** The control. Throws where a test fails although nothing is broken. */
  control(test: string): Promise<void>
  /** @param test the sabotage’s own, unless another is to find it */
  findOut(sabotage: Sabotage, test?: string): Promise<Verdict>
  close(): Promise<void>
}

/** Longer than any test of these files takes on a busy machine; a build that hangs is waited for as long. */
const TEST_TIMEOUT_MS = 60_000

/**
 * One Vitest for all builds, so that its databases start once. A build is broken where it is read: Vitest loads the one file
 * with its edit, and everything else as it is; nothing on disk changes.
 */
export async function openBench(root: string): Promise<Bench> {
  let current: Sabotage | undefined
  const sourceOf = (sabotage: Sabotage) => join(root, 'packages/postern/src', sabotage.file)
  const plugin = {
    name: 'sabotage',
    enforce: 'pre' as const,
    load(id: string): string | undefined {
      if (current === undefined || id !== sourceOf(current)) return undefined
      return broken(readFileSync(id, 'utf8'), current)
    },
  }
  const vitest = await createVitest(
    'test',
    { root, watch: false, reporters: [SILENT], testTimeout: TEST_TIMEOUT_MS, hookTimeout: TEST_TIMEOUT_MS },
    { plugins: [plugin] },
  )
  await vitest.standalone()
  const controls = new Map<string, ReadonlySet<string>>()

  return {
    async control(test) {
      const { module, passed } = await runFile(vitest, join(root, test))
      if (!module.ok() || passed.length === 0)
        throw new Error(`${test} fails by itself:\n${reasons(module).join('\n')}`)
      controls.set(test, new Set(passed.map(({ fullName }) => fullName)))
    },
    async findOut(sabotage, test = sabotage.test) {
      const control = controls.get(test)
      if (control === undefined) throw new Error(`${test} has had no control`)
      current = sabotage
      vitest.invalidateFile(sourceOf(sabotage))
      // One failure is enough, and broken builds are slow to fail: each test may wait for what never comes.
      vitest.config.bail = 1
      if (sabotage.by !== undefined && test === sabotage.test) vitest.setGlobalTestNamePattern(escaped(sabotage.by))
      try {
        const { module } = await runFile(vitest, join(root, test))
        return verdictOf(sabotage, module, control)
      } finally {
        current = undefined
        vitest.config.bail = 0
        vitest.resetGlobalTestNamePattern()
        vitest.invalidateFile(sourceOf(sabotage))
      }
    },
    close: () => vitest.close(),
  }
}

/** Only a test that passes on the whole sources can say anything of broken ones. */
function verdictOf({ hangs }: Sabotage, module: TestModule, control: ReadonlySet<string>): Verdict {
  const tests = testsOf(module).filter(({ fullName }) => control.has(fullName))
  const failed = tests.filter((test) => test.result().state === 'failed')
  const judged = failed.filter((test) => hangs || !isTimeout(test))
  if (judged.length > 0) return { is: 'caught', by: judged.map(({ fullName }) => fullName) }
  if (failed.length > 0) return { is: 'void', why: `it hung: ${failed[0]!.fullName}` }
  if (tests.some((test) => test.result().state === 'passed') && module.ok()) return { is: 'missed' }
  return { is: 'void', why: reasons(module)[0] ?? 'no such test was found' }
}

function isTimeout(test: TestCase): boolean {
  return (test.result().errors ?? []).some(({ message }) => /timed out in \d+ms/.test(message))
}

async function runFile(vitest: Vitest, file: string): Promise<{ module: TestModule; passed: TestCase[] }> {
  const specifications = (await vitest.globTestSpecifications([file])).filter(({ moduleId }) => moduleId === file)
  const { testModules } = await vitest.runTestSpecifications(specifications)
  // The answer holds modules of earlier runs too.
  const module = testModules.find(({ moduleId }) => moduleId === file)
  if (module === undefined) throw new Error(`${file} is no test file`)
  return { module, passed: testsOf(module).filter((test) => test.result().state === 'passed') }
}

function escaped(text: string): RegExp {
  return new RegExp(text.replaceAll(/[$()*+.?[\\\]^{|}]/g, '\\$&'))
}

function testsOf(module: TestModule): TestCase[] {
  return [...module.children.allTests()]
}

/** What went wrong outside of tests (imports, hooks), and inside of them. */
function reasons(module: TestModule): string[] {
  const suites = [...module.children.allSuites()].flatMap((suite) => suite.errors())
  const tests = testsOf(module).flatMap((test) => test.result().errors ?? [])
  return [...module.errors(), ...suites, ...tests].map(({ message }) => message.split('\n')[0] ?? '')
}

/** What failing tests print is what they are for. */
const SILENT = {}
