import type { Comment } from '../../types.ts'
import { Day } from './day.tsx'

export function CommentList({ comments }: { comments: readonly Comment[] }) {
  return (
    <ul className="list">
      {comments.map((comment) => (
        <li key={comment.id}>
          <p className="muted">
            {comment.author.name}, <Day at={comment.createdAt} />
          </p>
          <p className="text">{comment.text}</p>
        </li>
      ))}
    </ul>
  )
}
