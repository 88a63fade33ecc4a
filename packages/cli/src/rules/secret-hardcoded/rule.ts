import type { ProjectFacts } from '../../facts/project-facts.js'
import { type CodeMatch, codeMatches, isTestFile, textMatches } from '../../facts/source/code-matches.js'
import { isSource } from '../../facts/source/read-tree.js'
import type { SourceFile } from '../../facts/source/source-file.js'
import type { Confidence, Hit, Rule } from '../rule.js'
import { KEY_FORMATS } from './key-formats.js'
import { namedSecrets } from './named-secrets.js'
import { FALLBACK, isProviders, isSigning, KEY_ARGUMENT, SECRET_PROPERTY } from './signing-secrets.js'

/** A secret that stands in the code. */
export const rule: Rule = {
  title: 'A secret stands in the code',
  severity: 'error',
  references: ['CWE-798', 'CWE-321', 'API8:2023'],
  *project(project) {
    for (const file of filesOf(project)) {
      const told: CodeMatch[] = []
      // What is told by its format is not told again by its name. Scripts are run by hand, with made-up data in them.
      const guessed = isScript(file.path) ? [] : [...signing(file), ...named(file)]
      for (const [match, confidence, what] of [...formatted(file), ...guessed]) {
        if (told.some((one) => one.node.start < match.node.end && match.node.start < one.node.end)) continue
        told.push(match)
        yield hit(match, confidence, what)
      }
    }
  },
}

type Found = readonly [CodeMatch, Confidence, string]

function filesOf({ files, source }: ProjectFacts): SourceFile[] {
  return files.filter((path) => isSource(path) && !isTestFile(path)).flatMap((path) => source(path) ?? [])
}

function isScript(path: string): boolean {
  return /(?:^|\/)(?:scripts?|seeds?|seeders?)\/|(?:^|\/)seed\.\w+$/.test(path)
}

function* formatted(file: SourceFile): Generator<Found> {
  for (const { what, needles, pattern, isOne, isForTests, isShownInComments } of KEY_FORMATS) {
    if (!needles.some((needle) => file.text.includes(needle))) continue
    // A key that was commented out opens as much as before.
    for (const match of (isShownInComments === true ? codeMatches : textMatches)(file, pattern)) {
      const text = file.text.slice(match.node.start, match.node.end)
      if (isOne?.(text) ?? !isFilledIn(text)) yield [match, isForTests === true ? 'medium' : 'high', standsHere(what)]
    }
  }
}

/** `sk_live_xxxxxxxxxxxxxxxx` in an example. */
function isFilledIn(text: string): boolean {
  return /(.)\1{5}|example|your|placeholder|1234567|abcdefg/i.test(text)
}

function* signing(file: SourceFile): Generator<Found> {
  if (!MENTIONS.some((one) => file.text.includes(one))) return
  for (const match of codeMatches(file, KEY_ARGUMENT)) yield [match, 'high', standsHere('The key of a signature')]
  if (isSigning(file.text))
    for (const match of codeMatches(file, SECRET_PROPERTY))
      if (isKey(match.groups[1]!)) yield [match, 'high', standsHere('The secret of sessions or tokens')]
  for (const match of codeMatches(file, FALLBACK))
    if (!isProviders(match.groups[0]!))
      yield [
        match,
        'medium',
        `Where ${match.groups[0]} is not set, what stands here takes its place, and whoever has the code knows it`,
      ]
}

/** Most files sign nothing. Looked for one by one: a pattern of them all takes ten times as long. */
const MENTIONS = ['SECRET', '_KEY', 'secret', 'Hmac', 'jwt', 'jsonwebtoken', 'signingKey']

/** A sentence is what somebody is told. */
function isKey(text: string): boolean {
  return text.split(' ').length < 3
}

function* named(file: SourceFile): Generator<Found> {
  for (const match of namedSecrets(file))
    yield [match, 'medium', `${match.name} holds what looks like a secret, and so does every copy of the code`]
}

const standsHere = (what: string) => `${what} stands in the code, and in every copy of it`

function hit(at: CodeMatch, confidence: Confidence, message: string): Hit {
  return {
    at,
    confidence,
    message,
    fix: 'Make a new one where it came from, read it from the environment, and end the old one: what was committed stays in the history',
    subject: { kind: 'file', symbol: null, at },
  }
}
