import type { Asked, Spot } from './model.js'

/** By its name something that asks who is calling, or what they may: it only ever takes confidence away. */
export function looksLikeGuard({ library, name }: Pick<Asked, 'library' | 'name'>): boolean {
  return WORDS.test(name) || PACKAGES.test(library)
}

const WORDS =
  /auth|guard|protect|session|jwt|permission|permit|role|privilege|principal|identity|viewer|logged|signed|forbid|introspect|unseal|whoami|enforce|access(?!or)|^(?:can|allow|assert|ensure|require|check|verify|validate)(?![a-z])|(?:^|[a-z])(?:User|Token|Admin|Member|Owner)(?:$|[A-Z])/

const PACKAGES =
  /auth|session|jwt|jose|paseto|passport|clerk|kinde|workos|lucia|firebase-admin|cognito|supertokens|descope|logto|stytch|stackframe|propelauth|keycloak|hanko|privy|casl|casbin|cerbos|openfga|permit|\boso\b|guard|permission|access-control/

/** `req.log.error(…)`, `ctx.logger.warn(…)`: by its name something that is written down. */
export function looksLikeLog({ file, node }: Spot): boolean {
  return LOG.test(file.text.slice(node.start, Math.min(node.end, node.start + 120)))
}

const LOG =
  /^[\w$.?!\s]*(?<![\w$])(?:log|LOG|\w*Log)(?:ger|GER|s)?[?!]?\.\s*(?:fatal|error|warn|warning|info|debug|trace|log|exception)\s*\(/
