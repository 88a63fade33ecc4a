import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

export const TSC = fileURLToPath(new URL('../../node_modules/typescript/lib/tsc.js', import.meta.url))
export const FIXTURES = fileURLToPath(new URL('./fixtures', import.meta.url))

/** One thing the compiler said, or is to say: `slots.ts:26`, and the first line of it. */
export interface Said {
  readonly place: string
  readonly sentence: string
}

/** Runs the compiler that users run, over a project, and answers all that it printed. */
export function runCompiler(project: string, ...options: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const args = [TSC, '-p', project, '--pretty', 'false', ...options]
    execFile(process.execPath, args, { maxBuffer: 64_000_000 }, (error, output) => {
      // It leaves with 1 or 2 where it has something to say; anything else is no answer.
      if (error === null || error.code === 1 || error.code === 2) resolve(output)
      else reject(error)
    })
  })
}

/** What the compiler says of the fixtures, each by its first line: that is what an editor shows and a terminal starts with. */
export async function compileFixtures(): Promise<Said[]> {
  const output = await runCompiler(FIXTURES)
  return output
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith(' '))
    .map((line) => {
      const [, file, number, sentence] = /^(.+?)\((\d+),\d+\): error TS\d+: (.*)$/.exec(line) ?? []
      return sentence === undefined
        ? { place: 'no file', sentence: line }
        : { place: `${relative(FIXTURES, file!)}:${number}`, sentence }
    })
}

/** What the fixtures say is to be said: `// error: …` stands above the line that the compiler points at. */
export function expectedSentences(): Said[] {
  return fixtureFiles().flatMap((file) => {
    const lines = readFileSync(join(FIXTURES, file), 'utf8').split('\n')
    return lines.flatMap((line, index) => {
      const sentence = /^\s*\/\/ error: (.+)$/.exec(line)?.[1]
      return sentence === undefined ? [] : [{ place: `${file}:${index + 2}`, sentence }]
    })
  })
}

export function fixtureFiles(): string[] {
  const files = readdirSync(FIXTURES, { recursive: true, encoding: 'utf8' })
  return files.filter((file) => file.endsWith('.ts')).toSorted()
}
