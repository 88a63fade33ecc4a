import { readFile, writeFile } from 'node:fs/promises'
import { UsageError } from './errors.js'
import type { Finding } from './finding.js'

/** The findings of a day, kept so that only what came after fails. Throws a `UsageError` where it can't be read. */
export async function readBaseline(path: string): Promise<ReadonlySet<string>> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new UsageError(`The baseline ${path} cannot be read`, 'Make one with --write-baseline FILE', { cause: error })
  })
  try {
    const { version, findings } = JSON.parse(text) as {
      version: unknown
      findings: readonly { fingerprint: unknown }[]
    }
    if (version !== 1) throw new TypeError('version')
    return new Set(findings.map(({ fingerprint }) => String(fingerprint)))
  } catch (error) {
    throw new UsageError(`${path} is no baseline`, 'Make one anew with --write-baseline FILE', { cause: error })
  }
}

/** By rule and place too, so that whoever reviews its change sees what it hides. */
export async function writeBaseline(path: string, findings: readonly Finding[]): Promise<void> {
  const kept = findings.map(({ fingerprint, rule, file, symbol }) => ({ fingerprint, rule, file, symbol }))
  await writeFile(path, `${JSON.stringify({ version: 1, findings: kept }, null, 2)}\n`)
}
