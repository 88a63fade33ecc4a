import type { OwnershipQuestion } from 'postern'
import type { backend } from './backend.ts'

/** The post that the path names, where it is the caller's own. */
export async function ownPost({ db, id, principal, request }: Asked) {
  const post = db(request).from('posts').select('id, title, slug').eq('id', id).eq('author_id', principal.id)
  return (await post.maybeSingle().throwOnError()).data
}

type Client = (typeof backend)['database']['client']
type Asked = Pick<OwnershipQuestion<never>, 'id' | 'principal' | 'request'> & { readonly db: Client }
