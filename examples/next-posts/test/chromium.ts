import { existsSync } from 'node:fs'

/** The browser of this machine, where it has one. `CHROMIUM_PATH` names another; none is downloaded. */
export function findChromium(environment: NodeJS.ProcessEnv = process.env): string | undefined {
  const named = environment['CHROMIUM_PATH']
  if (named) return named
  return ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => existsSync(path))
}

export const MISSING =
  'skipped: this machine has no Chromium (Debian: apt-get install chromium, or name one in CHROMIUM_PATH)'
