import type { JsonOf } from 'postern/next'
import type { authors, comments, posts } from './schema/index.ts'

/** Rows as the pages read them: JSON, with the author that each of them shows. */
export type Author = JsonOf<typeof authors.$inferSelect>
export type Post = JsonOf<typeof posts.$inferSelect> & { readonly author: Author }
export type Comment = JsonOf<typeof comments.$inferSelect> & { readonly author: Author }

/** What Next.js gives a page: both are promises. */
export interface PageInput<Params extends Record<string, string> = Record<string, never>> {
  readonly params: Promise<Params>
  readonly searchParams: Promise<Record<string, string | string[] | undefined>>
}
