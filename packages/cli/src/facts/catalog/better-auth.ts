import { object } from '../trace/value.js'
import type { Library, Meaning } from './library.js'
import { maybeSomeone, outside } from './meaning.js'

const session: Meaning = (call) => maybeSomeone(call, 'better-auth', (who) => object({ user: who, session: who }))

export const betterAuth: Library = {
  packages: ['better-auth', 'better-auth/'],
  calls: {
    'betterAuth().api.getSession()': session,
    ...Object.fromEntries(
      ['signInEmail', 'signUpEmail', 'signOut', 'forgetPassword', 'resetPassword'].map((name) => [
        `betterAuth().api.${name}()`,
        outside('better-auth'),
      ]),
    ),
  },
}
