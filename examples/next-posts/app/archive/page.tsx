import type { Metadata } from 'next'
import Link from 'next/link'
import type { NumberedPage } from 'postern'
import { readEndpoint } from 'postern/next'
import type { PageInput, Post } from '../../types.ts'
import { GET } from '../api/posts/archive/route.ts'
import { PostList } from '../parts/post-list.tsx'

export const metadata: Metadata = { title: 'Archive' }

/** By number, for readers who jump. */
export default async function Archive({ searchParams }: PageInput) {
  const { page } = await searchParams
  const list = await readEndpoint<NumberedPage<Post>>(GET, { query: { page } })
  return (
    <>
      <div className="head">
        <h1>Archive</h1>
        {list.total !== null && <p className="muted">{list.total === 1 ? 'One post' : `${list.total} posts`}</p>}
      </div>
      {list.data.length === 0 ? (
        <p className="empty">There is nothing on this page.</p>
      ) : (
        <PostList posts={list.data} />
      )}
      <nav className="pages" aria-label="Pages">
        {Array.from({ length: list.pages }, (_, index) => index + 1)
          .filter((number) => isNear(number, list))
          .map((number) => (
            <Link
              key={number}
              href={`/archive?page=${number}`}
              {...(number === list.page ? { 'aria-current': 'page' } : {})}
            >
              {number}
            </Link>
          ))}
      </nav>
    </>
  )
}

/** The first, the last, and those around the one that is shown. */
function isNear(number: number, { page, pages }: NumberedPage<Post>): boolean {
  return number === 1 || number === pages || Math.abs(number - page) <= 3
}
