import { object } from '../trace/value.js'
import type { Library, Meaning } from './library.js'
import { someone } from './meaning.js'

/** A token whose signature holds; one that does not throws. */
const verifies: Meaning = (call) => someone(call, 'jwt')

export const jose: Library = {
  packages: ['jose'],
  calls: {
    'jwtVerify()': (call) => someone(call, 'jose', (who) => object({ payload: who })),
    'compactVerify()': verifies,
  },
}

export const jsonWebToken: Library = {
  packages: ['jsonwebtoken'],
  calls: { 'verify()': verifies, 'default.verify()': verifies },
}
