import { callValue } from '../trace/call.js'
import { UNKNOWN } from '../trace/value.js'
import type { Library, Meaning } from './library.js'

/** What is run with something kept beside it is run at once, by whoever asks: `storage.run({ requestId }, () => next())`. */
const runs =
  (at: number): Meaning =>
  ({ args, walker, spot }) => {
    const [work, ...given] = args.slice(at)
    return work === undefined ? UNKNOWN : callValue(walker, work, given, { spot })
  }

/** https://nodejs.org/api/async_context.html */
export const asyncHooks: Library = {
  packages: ['node:async_hooks', 'async_hooks'],
  calls: {
    'AsyncLocalStorage().run()': runs(1),
    'AsyncLocalStorage().exit()': runs(0),
    'AsyncLocalStorage().getStore()': () => UNKNOWN,
    'AsyncLocalStorage().enterWith()': () => UNKNOWN,
  },
}
