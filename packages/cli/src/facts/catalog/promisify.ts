import type { Library } from './library.js'

/** What comes of `promisify(jwt.verify)` is asked like the function, without its callback. */
export const promisify: Library = {
  packages: ['util', 'node:util'],
  calls: { '**.promisify()': ({ args: [work] }) => (work?.kind === 'library' ? work : undefined) },
}
