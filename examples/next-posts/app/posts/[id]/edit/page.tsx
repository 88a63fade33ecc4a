import type { Metadata } from 'next'
import Link from 'next/link'
import { row } from 'postern'
import { readEndpoint } from 'postern/next'
import { deletePost, editPost } from '../../../actions/posts.ts'
import { endpoint } from '../../../../backend.ts'
import { posts } from '../../../../schema/index.ts'
import type { PageInput, Post } from '../../../../types.ts'
import { ActionForm } from '../../../parts/action-form.tsx'
import { postFields } from '../../../parts/post-fields.ts'

export const metadata: Metadata = { title: 'Edit' }

/** No route: the check of this page. Another's post is not there. */
const editable = endpoint({ owns: posts }, row())

export default async function EditPost({ params }: PageInput<{ id: string }>) {
  const { id } = await params
  const post = await readEndpoint<Post>(editable, { params: { id }, signIn: '/sign-in' })
  return (
    <>
      <h1>Edit your post</h1>
      <ActionForm action={editPost} fields={postFields(post)} hidden={{ id }} submit="Save" pending="Saving …">
        <Link href={`/posts/${id}`}>Leave it as it is</Link>
      </ActionForm>
      <details>
        <summary>Delete this post</summary>
        <p>Its comments go with it. This cannot be undone.</p>
        <ActionForm
          action={deletePost}
          fields={[]}
          hidden={{ id }}
          submit="Delete for good"
          pending="Deleting …"
          isDangerous
        />
      </details>
    </>
  )
}
