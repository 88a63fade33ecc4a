import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { EMPTY_SNAPSHOT, type Snapshot } from './snapshot.js'

const NUMBERED = /^(\d{4})_/

/** What is wrong between a directory's migrations and its `meta/`, one sentence each. */
export async function inconsistencies(directory: string): Promise<string[]> {
  const files = (await namesIn(directory)).filter((name) => name.endsWith('.sql'))
  const snapshots = (await namesIn(join(directory, 'meta'))).filter((name) => name.endsWith('_snapshot.json'))
  const found = files
    .filter((file) => !/^\d{4}_[^/]+\.sql$/.test(file))
    .map((file) => `migrations/${file} is not called like a migration: call it NNNN_name.sql`)
  const numbers = files.flatMap((file) => NUMBERED.exec(file)?.[1] ?? [])
  found.push(...disorder(files, numbers))
  for (const snapshot of snapshots) {
    const number = NUMBERED.exec(snapshot)?.[1]
    if (number === undefined || !numbers.includes(number))
      found.push(`migrations/meta/${snapshot} belongs to no migration: its .sql file is gone`)
  }
  return [...found, ...(await brokenChain(directory, files, snapshots))]
}

function disorder(files: readonly string[], numbers: readonly string[]): string[] {
  const found: string[] = []
  for (const [index, number] of numbers.entries()) {
    const before = Number(numbers[index - 1] ?? 0)
    const [twin, file] = [files[index - 1], files[index]]
    if (Number(number) === before) found.push(`migrations/${twin} and migrations/${file} have the same number`)
    else if (Number(number) > before + 1)
      found.push(`Before migrations/${file} the number ${String(before + 1).padStart(4, '0')} is missing`)
  }
  return found
}

/** Each snapshot names the one that it was compared with: two branches that were merged break the chain. */
async function brokenChain(
  directory: string,
  files: readonly string[],
  snapshots: readonly string[],
): Promise<string[]> {
  const found: string[] = []
  let previous: string | undefined = EMPTY_SNAPSHOT.id
  for (const file of files) {
    const name = `${file.slice(0, 4)}_snapshot.json`
    const snapshot = snapshots.includes(name) ? await snapshotIn(join(directory, 'meta', name)) : undefined
    if (snapshot === undefined) found.push(`migrations/${file} has no readable snapshot migrations/meta/${name}`)
    else if (previous !== undefined && snapshot.prevId !== previous)
      found.push(
        `migrations/meta/${name} does not follow the snapshot before it: delete migrations/${file} and ${name}, and make it again with postern migrate new`,
      )
    previous = snapshot?.id
  }
  return found
}

async function namesIn(directory: string): Promise<string[]> {
  return (await readdir(directory).catch(() => [])).sort()
}

async function snapshotIn(path: string): Promise<Snapshot | undefined> {
  try {
    const snapshot = JSON.parse(await readFile(path, 'utf8')) as Partial<Snapshot>
    return typeof snapshot.tables === 'object' && typeof snapshot.id === 'string' ? (snapshot as Snapshot) : undefined
  } catch {
    return undefined
  }
}
