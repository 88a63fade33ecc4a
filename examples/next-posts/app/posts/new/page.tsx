import type { Metadata } from 'next'
import { redirect } from 'next/navigation'
import { currentPrincipal } from 'postern/next'
import { createPost } from '../../actions/posts.ts'
import { backend } from '../../../backend.ts'
import { ActionForm } from '../../parts/action-form.tsx'
import { postFields } from '../../parts/post-fields.ts'

export const metadata: Metadata = { title: 'Write' }

export default async function NewPost() {
  if ((await currentPrincipal(backend)) === null) redirect('/sign-in')
  return (
    <>
      <h1>Write a post</h1>
      <ActionForm action={createPost} fields={postFields()} submit="Publish" pending="Publishing …" />
    </>
  )
}
