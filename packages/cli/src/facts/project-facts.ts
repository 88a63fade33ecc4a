import type { DatabaseFacts } from './database-facts.js'
import type { Unreadable } from './source/read-tree.js'
import type { SourceFile } from './source/source-file.js'
import type { TracedEntry } from './trace/traced-entry.js'

/** All that is known of an audited tree. Rules ask it, and nothing else. */
export interface ProjectFacts {
  readonly root: string
  /** Every file that was listed, by its path from the root. */
  readonly files: readonly string[]
  /** Whether a file can be read: where it can't, that is told. */
  readonly isReadable: (path: string) => boolean
  /** Whether what is found in a file is told: what is found elsewhere need not be looked for. */
  readonly isTold: (path: string) => boolean
  readonly unreadable: readonly Unreadable[]
  /** What can be called, where something of it may be told. */
  readonly entries: readonly TracedEntry[]
  /** What can be called, all of it: found out when it is asked for, which takes as long as an audit of all. */
  readonly everyEntry: () => readonly TracedEntry[]
  readonly databases: readonly DatabaseFacts[]
  /** A file's source, where it is code that could be read. */
  readonly source: (path: string) => SourceFile | undefined
}
