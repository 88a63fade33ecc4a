import { isFar, isPlaceholder } from './far-away.js'

/**
 * What a provider's key looks like: a pattern with the flag `g`, and whether what it matches is one, where that alone does not show
 * it. Each run of characters is bounded where something must follow it: text that begins a thousand times is read once.
 */
export interface KeyFormat {
  readonly what: string
  /** What stands in each of them: most files hold none, and are asked no more. */
  readonly needles: readonly string[]
  readonly pattern: RegExp
  readonly isOne?: (match: string) => boolean
  /** For trying things out: it opens nothing that is worth much. */
  readonly isForTests?: boolean
  /** In comments people write such things to show how they look. */
  readonly isShownInComments?: boolean
}

/**
 * Formats by which providers' keys are known, each by its prefix and length, as the providers and the scanners of code hosts have
 * them (https://docs.github.com/code-security/secret-scanning/introduction/supported-secret-scanning-patterns).
 */
export const KEY_FORMATS: readonly KeyFormat[] = [
  { what: 'A live key of Stripe', needles: ['k_live_'], pattern: /\b[rs]k_live_[A-Za-z0-9]{16,}\b/g },
  { what: 'A test key of Stripe', needles: ['k_test_'], pattern: /\b[rs]k_test_[A-Za-z0-9]{20,}\b/g, isForTests: true },
  { what: 'A secret of webhooks', needles: ['whsec_'], pattern: /\bwhsec_[A-Za-z0-9+/=]{24,}/g },
  {
    what: 'An access key of AWS',
    needles: ['AKIA', 'ASIA'],
    pattern: /\b(?:AKIA|ASIA)[A-Z2-7]{16}\b/g,
    isOne: (match) => !match.endsWith('EXAMPLE'),
  },
  {
    what: 'A token of GitHub',
    needles: ['ghp_', 'gho_', 'ghs_', 'ghu_', 'ghr_', 'github_pat_'],
    pattern: /\bgh[oprsu]_[A-Za-z0-9]{36}\b|\bgithub_pat_\w{82}\b/g,
  },
  { what: 'A token of GitLab', needles: ['glpat-'], pattern: /\bglpat-[\w-]{20}\b/g },
  { what: 'A token of Slack', needles: ['xox'], pattern: /\bxox[abeprs]-[0-9]{8,}-[A-Za-z0-9-]{16,}/g },
  {
    what: 'A key of OpenAI',
    needles: ['T3BlbkFJ'],
    pattern: /\bsk-(?:proj-|svcacct-|admin-)?[\w-]{20,200}T3BlbkFJ[\w-]{20,}/g,
  },
  { what: 'A key of Anthropic', needles: ['sk-ant-'], pattern: /\bsk-ant-(?:api|admin)\d\d-[\w-]{80,}/g },
  { what: 'A key of SendGrid', needles: ['SG.'], pattern: /\bSG\.[\w-]{22}\.[\w-]{43}\b/g },
  { what: 'A key of Resend', needles: ['re_'], pattern: /\bre_[A-Za-z0-9]{8}_[A-Za-z0-9]{24}\b/g },
  { what: 'A token of npm', needles: ['npm_'], pattern: /\bnpm_[A-Za-z0-9]{36}\b/g },
  {
    what: 'A token of Shopify',
    needles: ['shpat_', 'shpca_', 'shppa_', 'shpss_'],
    pattern: /\bshp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}\b/g,
  },
  { what: 'A secret key of Supabase', needles: ['sb_secret_'], pattern: /\bsb_secret_[\w-]{20,}/g },
  {
    what: 'The key of the service role',
    needles: ['eyJ'],
    pattern: /\beyJ[\w-]{10,300}\.eyJ[\w-]{10,2000}\.[\w-]{20,}/g,
    isOne: isServiceRole,
  },
  {
    what: 'A private key',
    needles: ['PRIVATE KEY-----'],
    pattern: /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----(?:\s|\\r|\\n)*[A-Za-z0-9+/=]{40,}/g,
  },
  {
    what: 'The password of a database',
    needles: ['://'],
    pattern:
      /\b(?:postgres(?:ql)?|mysql|mongodb(?:\+srv)?|rediss?|amqps?):\/\/[^\s:/@'"`$]*:[^\s@'"`/$]+@[^\s/:@'"`?$]+/g,
    isOne: isFarAway,
    isShownInComments: true,
  },
]

/** The token of a role that no policy is asked for; those of a database on one's own machine are published by Supabase. */
function isServiceRole(token: string): boolean {
  try {
    const claims = JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString('utf8')) as Record<
      string,
      unknown
    >
    return claims['role'] === 'service_role' && claims['iss'] !== 'supabase-demo'
  } catch {
    return false
  }
}

/** A database that others can reach, with a password that somebody has chosen. */
function isFarAway(url: string): boolean {
  const [, password = '', host = ''] = /:\/\/[^:]*:([^@]+)@(.+)$/.exec(url) ?? []
  return !isPlaceholder(password) && isFar(host)
}
