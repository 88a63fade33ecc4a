import { equality } from '../trace/truth.js'
import { from, originsOf, UNKNOWN } from '../trace/value.js'
import type { Library, Meaning } from './library.js'

const same: Meaning = ({ args: [a = UNKNOWN, b = UNKNOWN] }) => equality(a, b)
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
