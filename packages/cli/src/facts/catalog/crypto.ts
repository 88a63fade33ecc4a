import type { Value } from '../trace/model.js'
import { origin } from '../trace/origin.js'
import { equality } from '../trace/truth.js'
import { from, originsOf, UNKNOWN } from '../trace/value.js'
import type { Library, Meaning } from './library.js'

/** `createHmac(…, secret).update(body).digest('hex')`: who can compute it knows the secret. */
const digest: Meaning = ({ value }) => {
  const updates = value.path.filter(({ name, args }) => name === 'update' && args !== undefined)
  const over = updates.map(({ args }) => madeOf(args?.[0] ?? UNKNOWN))
  const worst = over.find((one) => one === 'parsed') ?? over.find((one) => one === 'raw') ?? 'unknown'
  return from(origin({ from: 'mac', name: '', source: value, over: worst }))
}

/** A text that was put together again out of what was parsed is not what was signed. */
function madeOf(value: Value): 'raw' | 'parsed' | 'unknown' {
  const origins = originsOf(value)
  if (origins.some((one) => one.from === 'input' && one.part === 'body' && one.name.endsWith('#json'))) return 'parsed'
  return origins.some((one) => one.from === 'input') ? 'raw' : 'unknown'
}

const same: Meaning = ({ args: [a = UNKNOWN, b = UNKNOWN] }) => equality(a, b)
const made: Meaning = ({ args }) => from(...args.flatMap((arg) => originsOf(arg)))

export const crypto: Library = {
  packages: ['crypto', 'node:crypto'],
  calls: {
    'createHmac().update().digest()': digest,
    'createHmac().update().update().digest()': digest,
    'default.createHmac().update().digest()': digest,
    'default.createHmac().update().update().digest()': digest,
    'timingSafeEqual()': same,
    'default.timingSafeEqual()': same,
    'createHash().update().digest()': ({ value }) =>
      from(...value.path.flatMap(({ args = [] }) => args.flatMap((arg) => originsOf(arg)))),
    'default.createHash().update().digest()': ({ value }) =>
      from(...value.path.flatMap(({ args = [] }) => args.flatMap((arg) => originsOf(arg)))),
    'randomUUID()': made,
    'randomBytes()': made,
  },
}
