import { readSync, writeSync } from 'node:fs'
import { type Survey, surveyOf } from './facts/source/survey.js'
import type { Watch, Work } from './facts/source/watch.js'
import { main } from './main.js'
import type { Orders } from './supervise.js'

// The program that `supervise()` starts: the command itself, which tells on its fourth stream what it is busy with.
const [, , orders = '{}', ...words] = process.argv
const given = JSON.parse(orders) as Orders
void main(words, { watch: watchOf(given), ...(given.isSurveyed === true ? { surveyed } : {}) })

function watchOf({ givenUp, isCareful }: Orders): Watch {
  let busyWith = ''
  const become = (next: string) => {
    busyWith = next
    tell(next)
  }
  return {
    isCareful,
    givenUp: (work) => givenUp[nameOf(work)],
    during: (work, run) => {
      const before = busyWith
      become(nameOf(work))
      try {
        return run()
      } finally {
        become(before)
      }
    },
  }
}

const nameOf = ({ of, name }: Work) => `${of} ${name}`

const SUPERVISOR = 3
const SURVEYOR = 4

/** Waits for what is written down there. Whatever goes wrong with it, the tree can be read here, too. */
function surveyed(root: string): Survey | undefined {
  const parts: Buffer[] = []
  const part = Buffer.allocUnsafe(256 * 1024)
  try {
    for (let read = -1; read !== 0;) {
      read = readSync(SURVEYOR, part)
      parts.push(Buffer.from(part.subarray(0, read)))
    }
    return surveyOf(Buffer.concat(parts).toString(), root)
  } catch {
    return undefined
  }
}

/** No file's name holds a NUL. Written at once: what waits for the event loop is never told where the process dies. */
function tell(message: string): void {
  for (const bytes = Buffer.from(`${message}\0`); ;) {
    try {
      return void writeSync(SUPERVISOR, bytes)
    } catch (error) {
      // Nobody listens any more: whoever asked for this is gone.
      if ((error as { code?: string }).code !== 'EAGAIN') process.exit(2)
    }
  }
}
