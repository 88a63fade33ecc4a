import type { Metadata } from 'next'
import Link from 'next/link'
import type { Page } from 'postern'
import { currentPrincipal, readEndpoint } from 'postern/next'
import { createComment } from '../../actions/comments.ts'
import { backend } from '../../../backend.ts'
import type { Comment, PageInput, Post } from '../../../types.ts'
import { GET as GET_COMMENTS } from '../../api/posts/[id]/comments/route.ts'
import { GET } from '../../api/posts/[id]/route.ts'
import { ActionForm } from '../../parts/action-form.tsx'
import { CommentList } from '../../parts/comment-list.tsx'
import { Day } from '../../parts/day.tsx'

type Input = PageInput<{ id: string }>

export async function generateMetadata({ params }: Input): Promise<Metadata> {
  return { title: (await readEndpoint<Post>(GET, { params: await params })).title }
}

export default async function PostPage({ params, searchParams }: Input) {
  const { id } = await params
  const { after } = await searchParams
  const post = await readEndpoint<Post>(GET, { params: { id } })
  const comments = await readEndpoint<Page<Comment>>(GET_COMMENTS, { params: { id }, query: { after } })
  const principal = await currentPrincipal(backend)
  return (
    <>
      <article>
        <h1>{post.title}</h1>
        <p className="muted">
          {post.author.name}, <Day at={post.createdAt} />
        </p>
        <p className="text">{post.body}</p>
        {post.ownerId === principal?.id && <Link href={`/posts/${id}/edit`}>Edit</Link>}
      </article>
      <section aria-labelledby="comments">
        <h2 id="comments">Comments</h2>
        {comments.data.length === 0 ? (
          <p className="empty">Nobody has said anything yet.</p>
        ) : (
          <CommentList comments={comments.data} />
        )}
        {comments.next !== null && (
          <nav className="pages" aria-label="Pages of comments">
            <Link href={{ pathname: `/posts/${id}`, query: { after: comments.next } }} rel="next">
              Later comments
            </Link>
          </nav>
        )}
        <h3>Say something</h3>
        {principal === null ? (
          <p>
            <Link href="/sign-in">Sign in</Link> to comment.
          </p>
        ) : (
          <ActionForm
            action={createComment}
            fields={[{ name: 'text', label: 'Comment', type: 'area' }]}
            hidden={{ postId: id }}
            submit="Comment"
            pending="Sending …"
          />
        )}
      </section>
    </>
  )
}
