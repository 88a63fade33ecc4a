export * from './auth.ts'
export * from './authors.ts'
export * from './comments.ts'
export * from './posts.ts'
