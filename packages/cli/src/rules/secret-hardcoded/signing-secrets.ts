import { type CodeMatch, codeMatches } from '../../facts/source/code-matches.js'
import type { SourceFile } from '../../facts/source/source-file.js'
import { type Found, standsHere } from './found.js'

/** Secrets by what they are used for: whoever has one signs in as anybody. */
export function* signingSecrets(file: SourceFile): Generator<Found> {
  if (!MENTIONS.some((one) => file.text.includes(one))) return
  for (const match of codeMatches(file, KEY_ARGUMENT)) yield [match, 'high', standsHere('The key of a signature')]
  if (SIGNS.test(file.text)) {
    for (const match of codeMatches(file, SECRET_PROPERTY))
      if (isKey(match.groups[1]!)) yield [match, 'high', standsHere('The secret of sessions or tokens')]
    for (const match of codeMatches(file, CONSTANT))
      if (isUsed(match, file)) yield [match, 'high', standsHere(`What ${match.groups[0]} signs with`)]
  }
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

/** Signed or verified with, and not only looked for in what came. */
function isUsed({ groups: [name] }: CodeMatch, { text }: SourceFile): boolean {
  return new RegExp(`(?:\\bsign\\(|\\bverify\\(|\\bsecret\\s*:|\\bencode\\()[^;]{0,200}?\\b${name!}\\b`).test(text)
}

/** Packages that sign with a secret which they are given by this name, or in this place. */
const SIGNS =
  /['"](?:express-session|cookie-session|iron-session(?:\/[^'"]*)?|better-auth|next-auth|@auth\/[^'"]+|express-jwt|jsonwebtoken|jose|hono\/jwt|hono\/cookie|@fastify\/(?:jwt|session|secure-session|cookie)|passport-jwt|csurf|koa-session)['"]/

/** `secret: 'keyboard cat'`, in a file that uses such a package. */
const SECRET_PROPERTY = /\b(?:secret|secretOrKey|cookieSecret|signingKey)\s*:\s*(['"`])([^'"`\n$]{4,200})\1/g

/** `jwt.sign(payload, 'secret')`, `createHmac('sha256', 'secret')`: what stands there is the key. */
const KEY_ARGUMENT =
  /\b(?:jwt|jsonwebtoken)\.(?:sign|verify)\(\s*(?:\{[^{}()]*\}|[\w.]+)\s*,\s*(['"`])([^'"`\n$]{2,200})\1|\bcreateHmac\(\s*['"][\w-]+['"]\s*,\s*(['"`])([^'"`\n$]{2,200})\3/g

/** `const JWT_SECRET = 'secret'`. */
const CONSTANT =
  /\b(?:const|let|var)\s+(\w*(?:secret|secret_?key|signing_?key|jwt_?key))\s*(?::\s*string\s*)?=\s*(['"`])([^'"`\n$]{2,200})\2/gi

/** `process.env.JWT_SECRET || 'secret'`: where the variable is forgotten, everybody knows the key. */
const FALLBACK =
  /\b(?:process\.env|import\.meta\.env|Bun\.env)(?:\.|\[['"])(\w*(?:SECRET|SIGNING_KEY|ENCRYPTION_KEY|SECRET_KEY))(?:['"]\])?!?\s*(?:\|\||\?\?)\s*(['"`])([^'"`\n$]{4,200})\2/g

/** Keys of somebody else's, which open nothing here: without one, what needs it fails. */
const isProviders = (name: string) =>
  /STRIPE|PAYPAL|OPENAI|AWS|GITHUB|GOOGLE|FACEBOOK|TWITTER|DISCORD|SLACK|CLIENT|CLERK|RESEND|TWILIO|PADDLE|PAYSTACK|CAPTCHA|TURNSTILE|CLOUDINARY|PUSHER|UPLOADTHING|PLAID|S3/.test(
    name,
  )
