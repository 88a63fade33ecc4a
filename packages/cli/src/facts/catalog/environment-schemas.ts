import { environment } from './globals.js'
import type { Library } from './library.js'

/** What reads the environment once and checks it: a secret out of it is one of the server's still. */
export const environmentSchemas: Library = {
  packages: ['@t3-oss/env-core', '@t3-oss/env-nextjs', '@t3-oss/env-nuxt', 'envalid', 'envsafe', 'znv'],
  members: Object.fromEntries(
    ['createEnv', 'cleanEnv', 'envsafe', 'parseEnv'].map((made) => [
      `${made}().*`,
      (value) => environment(value.path.at(-1)!.name),
    ]),
  ),
}
