import postgres from 'postgres'
import { servePosts } from './post-server.js'

const sql = postgres(process.env['DATABASE_URL']!, { max: 10, onnotice: () => {} })

// As the field does row-level security: a transaction for each request, and every step of it awaited.
servePosts(
  (owner, work) =>
    sql.begin(async (transaction) => {
      const claims = JSON.stringify({ sub: owner, role: 'authenticated' })
      await transaction`
      select set_config('role', 'authenticated', true), set_config('request.jwt.claims', ${claims}, true),
        set_config('request.jwt.claim.sub', ${owner}, true)`
      return work(transaction)
    }) as ReturnType<typeof work>,
)
