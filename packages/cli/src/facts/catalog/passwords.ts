import { callValue } from '../trace/call.js'
import { equality } from '../trace/truth.js'
import { from, NULL, originsOf, UNKNOWN } from '../trace/value.js'
import type { Library, Meaning } from './library.js'

const same: Meaning = (call) => {
  const [a = UNKNOWN, b = UNKNOWN] = call.args
  const callback = call.args.slice(2).findLast(({ kind }) => kind === 'function')
  if (callback === undefined) return equality(a, b)
  return callValue(call.walker, callback, [NULL, equality(a, b)], call)
}
const made: Meaning = ({ args: [a = UNKNOWN] }) => from(...originsOf(a))

/** Libraries that keep passwords: comparing is proof, and nothing of it is work for somebody else. */
export const passwords: Library = {
  packages: ['bcrypt', 'bcryptjs', 'argon2', '@node-rs/argon2', '@node-rs/bcrypt'],
  calls: {
    '**.compare()': same,
    '**.compareSync()': same,
    '**.verify()': same,
    '**.hash()': made,
    '**.hashSync()': made,
  },
}
