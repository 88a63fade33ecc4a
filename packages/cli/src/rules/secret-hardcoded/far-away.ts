const PLACEHOLDER =
  /^(?:x+|\*+|\.+|<.*>|\[.*\]|\{.*\}|%.*%|your.*|my.*|user(?:name)?|pass(?:word)?|pwd|pw|secret|postgres|root|admin|mysql|redis|guest|test|dev|example|change.?me|placeholder|dummy|fake)$/i

/** What a password is where nobody has chosen one. */
export function isPlaceholder(password: string): boolean {
  return PLACEHOLDER.test(password)
}

/** Whether others can reach a host: not this machine, not a network at home, and not a name of a network of containers, which has no dot. */
export function isFar(host: string): boolean {
  return (
    host.includes('.') &&
    !/^(?:127\.|0\.0\.|10\.|192\.168\.|169\.254\.)|localhost|\.(?:local|internal|test|example)$|(?:^|\.)example\./.test(
      host,
    )
  )
}
