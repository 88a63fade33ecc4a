// The example's own tables. Whoever signs up is Supabase's affair here, so better-auth's four stay out.
export * from '../schema/authors.ts'
export * from '../schema/comments.ts'
export * from '../schema/posts.ts'
