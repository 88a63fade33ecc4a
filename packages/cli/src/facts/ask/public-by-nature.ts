import type { Fact } from '../trace/model.js'
import type { EntryPoint } from '../entry/entry-point.js'

/**
 * What strangers are meant to call: signing in and up, forms of a public page, health. By its name and address, so it only ever
 * takes a finding away.
 */
export function isPublicByNature({ symbol, path, spot }: EntryPoint): boolean {
  return PUBLIC.test(wordsOf(symbol)) || PUBLIC.test(wordsOf(path ?? '')) || PUBLIC_FILE.test(wordsOf(spot.file.path))
}

const PUBLIC =
  /\b(sign ?(in|up|out)|log ?(in|out)|register|registration|forgot|reset ?password|password ?reset|verify ?email|email ?verification|(?:resend|request) ?verification|account ?activation|activate ?account|confirm|recover ?account|account ?recovery|magic ?link|otp|oauth|callback|guest|unsubscribe|newsletter|subscribe|waitlist|contact|lead|leads|feedback|inquiry|enquiry|health|healthz|ready|readyz|live|ping|version|csrf|captcha|track|tracking|analytics|telemetry|beacon|pixel|og|sitemap|robots|manifest|rss|feed|search|public|published|share|shared|embed|webhook|webhooks|cron|invite ?accept|accept ?invite|checkout ?session)\b|^(?:api )?(?:v\d+ )?(?:(?:health|system|service|server) )?status$/

const PUBLIC_FILE = /\b(login|signup|signin|register|sign up|sign in|auth ?actions|auth ?controller)\b/

/** `signUpUser` and `sign-up` are the same words. */
function wordsOf(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/[^A-Za-z0-9]+/g, ' ')
    .toLowerCase()
}

const IS_PROCEDURE = /^(?:trpc|orpc)$/

/** Called by a provider: its path or name says so, or it reads a signature. */
export function isWebhook({ framework, symbol, path, spot }: EntryPoint): boolean {
  // No provider speaks the protocol of an app's own client: what is called `createWebhook` there is for users who want one.
  return !IS_PROCEDURE.test(framework) && /\bwebhooks?\b/.test(wordsOf(`${symbol} ${path ?? ''} ${spot.file.path}`))
}

/** Makes an account with a password: nobody who does that can be signed in. */
export function isSignUp(fact: Fact): boolean {
  if (fact.fact !== 'query' || fact.does !== 'create' || !/user|account|member|customer/i.test(fact.table ?? ''))
    return false
  const { data, text } = fact
  if (data?.kind === 'object') return [...data.properties.keys()].some((name) => /password|passwd|pwd/i.test(name))
  return (
    text?.kind === 'text' && text.parts.some((part) => part.kind === 'literal' && /password/i.test(String(part.value)))
  )
}
