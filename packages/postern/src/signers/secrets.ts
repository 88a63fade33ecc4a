import type { SigningKey } from './signing-keys.js'

/** What every signer is told of its secrets. */
export interface SecretOptions {
  /**
   * The provider's secret, or several while one takes over from another: a delivery is genuine where any of them holds.
   *
   * **Security:** each is a key to the backend. Take it from the environment, and no longer than the provider signs with it.
   */
  readonly secrets: string | readonly string[]
  /**
   * What a secret of fewer than 16 bytes is: an error (`'refuse'`, the default) or a warning.
   *
   * **Security:** whoever holds one delivery can try secrets against it at home, millions in a second.
   */
  readonly shortSecrets?: 'refuse' | 'warn'
  /** Hears of a secret that was trimmed or is short. By default `process.emitWarning`, which Node.js prints. */
  readonly warn?: (warning: SecretWarning) => void
}

/** Something about a secret that works and should not stay. The message does not hold the secret. */
export interface SecretWarning {
  readonly code: 'POSTERN_SECRET_TRIMMED' | 'POSTERN_SECRET_SHORT'
  readonly message: string
}

const LEAST_BYTES = 16
/** More than a rotation needs: each is tried on every delivery, also of those who have none. */
const MOST_SECRETS = 16

/**
 * The keys of a signer. Throws a `TypeError`, which names the secret by its place and never quotes it, where there is none,
 * one is empty, short or not of the scheme's kind.
 */
export function readSecrets(
  provider: string,
  options: SecretOptions,
  toKey: (secret: string) => SigningKey | string,
): readonly SigningKey[] {
  const { secrets: said, shortSecrets = 'refuse', warn = emitWarning } = options
  const secrets: readonly unknown[] = Array.isArray(said) ? said : [said]
  if (secrets.length === 0) throw new TypeError(`${provider}(): there is no secret: give it one in \`secrets\``)
  if (secrets.length > MOST_SECRETS)
    throw new TypeError(`${provider}(): there are more than ${MOST_SECRETS} secrets: leave out those that are retired`)
  return secrets.map((secret, index) => {
    const name = `${provider}(): ${secrets.length === 1 ? 'the secret' : `secret ${index + 1}`}`
    if (typeof secret !== 'string') throw new TypeError(`${name} is not set: is its variable in the environment?`)
    const trimmed = secret.trim()
    const key = toKey(trimmed)
    if (typeof key === 'string') throw new TypeError(`${name} ${key}`)
    // Of a text that was blank, and of one that stands for no bytes (`whsec_`).
    if (key.bytes === 0) throw new TypeError(`${name} is empty: anyone could sign with it`)
    if (trimmed !== secret)
      warn({
        code: 'POSTERN_SECRET_TRIMMED',
        message: `${name} has blanks or a line break around it: they were left out`,
      })
    if (key.bytes < LEAST_BYTES) {
      const sentence = `${name} has fewer than ${LEAST_BYTES} bytes, so that it can be guessed: take a longer one`
      if (shortSecrets !== 'warn') throw new TypeError(sentence)
      warn({ code: 'POSTERN_SECRET_SHORT', message: sentence })
    }
    return key
  })
}

function emitWarning({ code, message }: SecretWarning): void {
  process.emitWarning(message, { type: 'PosternWarning', code })
}
