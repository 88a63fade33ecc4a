import type { DatabaseFacts } from './database-facts.js'
import type { Unreadable } from './source/read-tree.js'
import type { SourceFile } from './source/source-file.js'
import type { TracedEntry } from './trace/traced-entry.js'

/** All that is known of an audited tree. Rules ask it, and nothing else. */
export interface ProjectFacts {
  readonly root: string
  /** Every file that was listed, by its path from the root. */
  readonly files: readonly string[]
  readonly unreadable: readonly Unreadable[]
  readonly entries: readonly TracedEntry[]
  readonly databases: readonly DatabaseFacts[]
  /** A file's source, where it is code that could be read. */
  readonly source: (path: string) => SourceFile | undefined
}
