import { UNDEFINED } from '../trace/value.js'
import type { Library, Meaning } from './library.js'

/** A line that somebody can read later. */
export const log: Meaning = ({ walker, spot, args }) => {
  walker.note(spot, { fact: 'log', value: { kind: 'list', items: args, isWhole: true } })
  return UNDEFINED
}

/** A child tells as its parent does. */
const same: Meaning = ({ value }) => ({ ...value, path: value.path.slice(0, -1) })

const LEVELS = 'fatal critical error warn warning notice info http verbose debug trace log'

const PACKAGES =
  'pino winston bunyan consola log4js loglevel tslog signale @logtape/logtape next-axiom @axiomhq/ @logtail/ @google-cloud/logging @aws-lambda-powertools/logger'

export const loggers: Library = {
  packages: PACKAGES.split(' '),
  calls: { ...telling(LEVELS), '**.child()': same, '**.withTag()': same, '**.with()': same },
}

/** Where errors are sent to be looked at. */
export const errorTrackers: Library = {
  packages: ['@sentry/', '@bugsnag/', 'rollbar', 'posthog-node', 'newrelic', '@highlight-run/', '@honeybadger-io/'],
  calls: telling('captureException captureError captureMessage notify error critical noticeError consumeError'),
}

function telling(names: string): NonNullable<Library['calls']> {
  return Object.fromEntries(names.split(' ').map((name) => [`**.${name}()`, log]))
}
