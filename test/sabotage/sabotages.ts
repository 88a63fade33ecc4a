import type { Sabotage } from './sabotage.js'
import { actions } from './sabotages/actions.js'
import { authentication } from './sabotages/authentication.js'
import { clients } from './sabotages/clients.js'
import { database } from './sabotages/database.js'
import { inbox } from './sabotages/inbox.js'
import { jobs } from './sabotages/jobs.js'
import { limits } from './sabotages/limits.js'
import { underNext } from './sabotages/next.js'
import { requests } from './sabotages/requests.js'
import { retriesAndLimits } from './sabotages/retries-and-limits.js'
import { servers } from './sabotages/server.js'
import { signers } from './sabotages/signers.js'
import { slots } from './sabotages/slots.js'

const elsewhere: readonly Sabotage[] = [
  ...authentication,
  ...requests,
  ...limits,
  ...slots,
  ...clients,
  ...retriesAndLimits,
  ...servers,
  ...underNext,
]

const webhooks: readonly Sabotage[] = [...signers, ...inbox]

/** The pages that say what came of each: several, because one would be too long to be read. */
export const PAGES: readonly { readonly file: string; readonly title: string; readonly list: readonly Sabotage[] }[] = [
  { file: 'docs/sabotages.md', title: 'Sabotages', list: elsewhere },
  { file: 'docs/sabotages-of-connections.md', title: 'Sabotages of connections and transactions', list: database },
  { file: 'docs/sabotages-of-actions.md', title: 'Sabotages of server actions', list: actions },
  { file: 'docs/sabotages-of-jobs.md', title: 'Sabotages of jobs', list: jobs },
  { file: 'docs/sabotages-of-webhooks.md', title: 'Sabotages of webhooks', list: webhooks },
]

/** Every sabotage of the sources, in the order of a request. Those of the database itself are in test/isolation. */
export const sabotages: readonly Sabotage[] = PAGES.flatMap(({ list }) => list)
