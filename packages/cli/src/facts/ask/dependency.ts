import { posix } from 'node:path'
import type { ProjectFacts } from '../project-facts.js'
import { type JsonObject, readJson } from '../source/read-json.js'

const FIELDS = ['dependencies', 'devDependencies', 'peerDependencies', 'optionalDependencies']

/** The range by which the packages above a file ask for another, the nearest first; `undefined` where none does. */
export function dependencyOf(project: Pick<ProjectFacts, 'source'>, file: string, name: string): string | undefined {
  for (let directory = posix.dirname(file); ; directory = posix.dirname(directory)) {
    const json = readJson(project.source(posix.join(directory, 'package.json'))?.text)
    const range = FIELDS.map((field) => (json?.[field] as JsonObject | undefined)?.[name]).find(
      (one) => one !== undefined,
    )
    if (typeof range === 'string') return range
    if (directory === '.' || directory === '/') return undefined
  }
}

/** The first number of a range: 4 of `^4.1.0`. `undefined` where it names none. */
export function majorOf(range: string | undefined): number | undefined {
  const major = /^[\^~>=v\s]*(\d+)/.exec(range ?? '')?.[1]
  return major === undefined ? undefined : Number(major)
}
