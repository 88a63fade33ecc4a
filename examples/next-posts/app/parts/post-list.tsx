import Link from 'next/link'
import type { Post } from '../../types.ts'
import { Day } from './day.tsx'

export function PostList({ posts }: { posts: readonly Post[] }) {
  return (
    <ul className="list">
      {posts.map((post) => (
        <li key={post.id}>
          <Link className="title" href={`/posts/${post.id}`}>
            {post.title}
          </Link>
          <p className="muted">
            {post.author.name}, <Day at={post.createdAt} />
          </p>
        </li>
      ))}
    </ul>
  )
}
