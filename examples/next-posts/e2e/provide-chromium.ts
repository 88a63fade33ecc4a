import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { findChromium } from '../test/chromium.ts'

const HOW = 'On Debian: apt-get install chromium. Elsewhere: name the program in CHROMIUM_PATH'

/** What is asked for by name is not skipped: Debian's Chromium is installed where that is possible, else it is said how. */
export default function provideChromium(): void {
  if (findChromium() !== undefined) return
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    throw new Error(`The pages are tested in Chromium, and this machine has none. ${HOW}`)
  }
  process.stdout.write('Installing Chromium by apt-get\n')
  try {
    apt('update', '-qq')
    apt('install', '-y', '-qq', '--no-install-recommends', 'chromium')
  } catch (error) {
    throw new Error(`Chromium could not be installed by apt-get. ${HOW}`, { cause: error })
  }
}

function apt(...words: string[]): void {
  execFileSync('apt-get', words, { stdio: 'ignore', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } })
}
