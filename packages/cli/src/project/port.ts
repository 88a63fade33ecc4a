import { UsageError } from '../errors.js'

/** The port that was asked for, by flag before PORT; 3000 where nobody says. */
export function portOf(flag: string | undefined, environment: NodeJS.ProcessEnv): number {
  const asked = flag ?? (environment.PORT || undefined)
  if (asked === undefined) return 3000
  const port = Number(asked)
  if (!/^\d+$/.test(asked) || port > 65_535) {
    throw new UsageError(`"${asked}" is no port`, 'A port is a whole number from 0 to 65535; 0 lets the system choose')
  }
  return port
}
