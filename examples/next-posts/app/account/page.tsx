import { eq } from 'drizzle-orm'
import type { Metadata } from 'next'
import { readEndpoint } from 'postern/next'
import { saveAuthor } from '../actions/account.ts'
import { endpoint } from '../../backend.ts'
import { authors } from '../../schema/index.ts'
import type { Author, PageInput } from '../../types.ts'
import { ActionForm } from '../parts/action-form.tsx'

export const metadata: Metadata = { title: 'Account' }

/** No route: what this page reads. A list of one, because a sign-up that broke off half-way has left none. */
const own = endpoint({}, ({ db, principal }) =>
  db.select().from(authors).where(eq(authors.ownerId, principal.id)).limit(1),
)

export default async function Account({ searchParams }: PageInput) {
  const { saved } = await searchParams
  const [author] = await readEndpoint<Author[]>(own, { signIn: '/sign-in' })
  return (
    <>
      <h1>Your author page</h1>
      {saved !== undefined && (
        <p className="notice" role="status">
          Saved.
        </p>
      )}
      <ActionForm
        action={saveAuthor}
        fields={[
          { name: 'name', label: 'Name', value: author?.name ?? '', autoComplete: 'name' },
          { name: 'about', label: 'About you', type: 'area', value: author?.about ?? '', isOptional: true },
        ]}
        submit="Save"
        pending="Saving …"
      />
    </>
  )
}
