import { type CodeMatch, codeMatches } from '../../facts/source/code-matches.js'
import type { SourceFile } from '../../facts/source/source-file.js'
import { type Found, standsHere } from './found.js'
import { isFar, isPlaceholder } from './far-away.js'

/** Packages that are given a host and a password. */
const CONNECTS =
  /['"](?:pg|mysql2?(?:\/promise)?|mariadb|tedious|mssql|ioredis|redis|knex|sequelize|typeorm|nodemailer|amqplib)['"]/

const PASSWORD = /\b(?:password|pass)\s*:\s*(['"`])([^'"`\n$]{1,100})\1/g

/** How far from a password its host may stand. */
const NEAR = 300

/** Passwords that connect to a database or a mail server which others can reach, too. */
export function* servicePasswords(file: SourceFile): Generator<Found> {
  if (!CONNECTS.test(file.text)) return
  for (const match of codeMatches(file, PASSWORD)) {
    const host = hostNear(match, file)
    // On one's own machine it opens what whoever sits there has anyway.
    if (isPlaceholder(match.groups[1]!) || (host !== undefined && !isFar(host))) continue
    yield [match, host === undefined ? 'medium' : 'high', standsHere(`The password of ${host ?? 'a service'}`)]
  }
}

function hostNear({ node }: CodeMatch, { text }: SourceFile): string | undefined {
  const around = text.slice(Math.max(0, node.start - NEAR), node.end + NEAR)
  return /\b(?:host|server)\s*:\s*['"`]([^'"`\n]{1,200})['"`]/.exec(around)?.[1]
}
