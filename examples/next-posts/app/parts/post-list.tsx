import Link from 'next/link'
import type { Post } from '../../types.ts'
import { Day } from './day.tsx'
import { LinkPending } from './link-pending.tsx'

export function PostList({ posts }: { posts: readonly Post[] }) {
  return (
    <ul className="list">
      {posts.map((post) => (
        <li key={post.id}>
          <Link className="title" href={`/posts/${post.id}`}>
            <LinkPending>{post.title}</LinkPending>
          </Link>
          <p className="muted">
            {post.author.name}, <Day at={post.createdAt} />
          </p>
        </li>
      ))}
    </ul>
  )
}
