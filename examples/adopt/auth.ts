import { env } from 'postern'
import { jwt } from 'postern/auth'
import { z } from 'zod'

const { JWT_SECRET } = env(z.object({ JWT_SECRET: z.string().min(32) }))

/** Whatever the project signs in with: Clerk, Auth0 and Supabase are `jwt()` too, better-auth is `sessions()`. */
export const auth = jwt({ secret: JWT_SECRET, issuer: 'https://sign-in.example', audience: 'posts' })
