import { onEveryWay } from '../../facts/ask/ways.js'
import { withAll } from '../../facts/trace/condition.js'
import type { Case, Known, Origin, Value } from '../../facts/trace/model.js'
import { originsOf } from '../../facts/trace/value.js'
import type { Rule } from '../rule.js'
import { genericEdits } from './generic-edits.js'

/** What went wrong inside is told outside. */
export const rule: Rule = {
  title: 'The client is told what went wrong inside',
  severity: 'error',
  references: ['CWE-209', 'API8:2023'],
  *entry(traced) {
    const { entry, facts } = traced
    for (const fact of facts) {
      if (fact.fact !== 'answer') continue
      const leaked = leakedIn(fact.body, fact.known)
      if (leaked === undefined) continue
      yield {
        at: fact,
        confidence: entry.kind === 'endpoint' ? 'high' : 'medium',
        message: `The answer carries ${leaked.name === '' ? 'a caught error' : `the ${leaked.name} of a caught error`}`,
        fix: 'Answer a sentence of your own, and log the error',
        trace: fact.via,
        edits: () => genericEdits(fact, traced),
      }
    }
  },
}

/** How far into an answer is looked. */
const DEEPEST = 4

/** What an answer tells of an error, unless it is of a kind that was made to be told: where it is one of several, by what is known there. */
function leakedIn(value: Value, known: Known, depth = DEEPEST): Origin | undefined {
  const parts = depth === 0 ? undefined : partsOf(value)
  if (parts === undefined) return originsOf(value).find((one) => isLeaked(one) && !isMeant(one, known))
  for (const { value: part, given } of parts) {
    const found = leakedIn(part, given.length === 0 ? known : withAll(known, given), depth - 1)
    if (found !== undefined) return found
  }
  return undefined
}

function partsOf(value: Value): readonly Case[] | undefined {
  switch (value.kind) {
    case 'either':
      return value.cases
    case 'object':
      return plain([...value.properties.values(), ...value.others])
    case 'list':
      return plain(value.items)
    case 'text':
      return plain(value.parts)
    default:
      return undefined
  }
}

const plain = (values: readonly Value[]): Case[] => values.map((value) => ({ value, given: [] }))

function isLeaked({ from, name }: Origin): boolean {
  return from === 'error' && (name === '' || /(^|\.)(message|stack|cause|detail)$/.test(name))
}

/** A class that somebody has named was made to be told, as far as anybody can see here; `Error` is what everything is. */
function isMeant(leaked: Origin, known: Known): boolean {
  for (const condition of known.values()) {
    // Whoever reads it there has written it.
    if (condition.is === 'in-development') return true
    if (condition.is === 'error-kind' && condition.source === leaked.source && !EVERYTHING.test(condition.kind))
      return true
  }
  return onEveryWay(known, (way) => isMeant(leaked, way))
}

const EVERYTHING = /^(Error|TypeError|Exception)$/
