import { id, integer, table, text, user } from '../../packages/postern/src/schema/index.js'

/** One row a write. Nothing is unique: a write that is done twice must be able to show. */
export const entries = table(
  'entries',
  { id: id(), note: text().notNull(), made: text({ enum: ['paved', 'counted'] }).notNull() },
  { owner: user() },
)

/** What a function adds to beside its row: an effect that doubles in silence. */
export const counters = table('counters', { id: id(), count: integer().notNull() }, { owner: user() })
