import type { ProjectFacts } from '../../facts/project-facts.js'
import { type CodeMatch, codeMatches, isTestFile, textMatches } from '../../facts/source/code-matches.js'
import { isSource } from '../../facts/source/read-tree.js'
import type { SourceFile } from '../../facts/source/source-file.js'
import type { Confidence, Hit, Rule } from '../rule.js'
import { type Found, standsHere } from './found.js'
import { KEY_FORMATS } from './key-formats.js'
import { namedSecrets } from './named-secrets.js'
import { servicePasswords } from './service-passwords.js'
import { signingSecrets } from './signing-secrets.js'

/** A secret that stands in the code. */
export const rule: Rule = {
  title: 'A secret stands in the code',
  severity: 'error',
  references: ['CWE-798', 'CWE-321', 'API8:2023'],
  *project(project) {
    for (const file of filesOf(project)) {
      const told: CodeMatch[] = []
      // What is told by its format is not told again by its name. Scripts are run by hand, with made-up data in them.
      const guessed = isScript(file.path)
        ? []
        : [...signingSecrets(file), ...servicePasswords(file), ...namedSecrets(file)]
      for (const [match, confidence, what] of [...formatted(file), ...guessed]) {
        if (told.some((one) => one.node.start < match.node.end && match.node.start < one.node.end)) continue
        told.push(match)
        yield hit(match, confidence, what)
      }
    }
  },
}

function filesOf({ files, isTold, source }: ProjectFacts): SourceFile[] {
  return files
    .filter((path) => isSource(path) && isTold(path) && !isTestFile(path))
    .flatMap((path) => source(path) ?? [])
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

function hit(at: CodeMatch, confidence: Confidence, message: string): Hit {
  return {
    at,
    confidence,
    message,
    fix: 'Make a new one where it came from, read it from the environment, and end the old one: what was committed stays in the history',
    subject: { kind: 'file', symbol: null, at },
  }
}
