import Link from 'next/link'
import type { Page } from 'postern'
import { readEndpoint } from 'postern/next'
import type { PageInput, Post } from '../types.ts'
import { GET } from './api/posts/route.ts'
import { LinkPending } from './parts/link-pending.tsx'
import { PostList } from './parts/post-list.tsx'

/** Newest first, by cursor: nothing is skipped or shown twice while others write. */
export default async function NewestPosts({ searchParams }: PageInput) {
  const { after } = await searchParams
  const { data, next } = await readEndpoint<Page<Post>>(GET, { query: { after, limit: '10' } })
  return (
    <>
      <div className="head">
        <h1>Newest posts</h1>
        <Link href="/archive">All posts by page</Link>
      </div>
      {data.length === 0 ? (
        <p className="empty">
          Nothing has been written yet. <Link href="/posts/new">Write the first post</Link>
        </p>
      ) : (
        <PostList posts={data} />
      )}
      <nav className="pages" aria-label="Pages">
        {after !== undefined && <Link href="/">Newest</Link>}
        {next !== null && (
          <Link href={{ pathname: '/', query: { after: next } }} rel="next">
            <LinkPending>Older</LinkPending>
          </Link>
        )}
      </nav>
    </>
  )
}
