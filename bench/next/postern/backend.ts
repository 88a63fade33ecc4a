import { createBackend } from 'postern'
import { jwt } from 'postern/auth'
import { database } from 'postern/database'
import { authors, posts } from '../../schema.ts'
import { AUDIENCE, ISSUER, SECRET } from '../../world.ts'

export const { endpoint } = createBackend({
  database: database({ schema: { authors, posts }, poolSize: 10 }),
  auth: jwt({ secret: SECRET, issuer: ISSUER, audience: AUDIENCE }),
})
