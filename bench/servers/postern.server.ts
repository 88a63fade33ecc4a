import { createBackend } from 'postern'
import { jwt } from 'postern/auth'
import { database } from 'postern/database'
import { serve } from 'postern/server'
import { authors, posts } from '../schema.js'
import { AUDIENCE, ISSUER, SECRET } from '../world.js'
import { announce } from './announce.js'
import { posternRoutes } from './postern-routes.js'

const backend = createBackend({
  database: database({ schema: { authors, posts }, poolSize: 10 }),
  auth: jwt({ secret: SECRET, issuer: ISSUER, audience: AUDIENCE }),
})
const { port } = await serve({ backend, routes: posternRoutes(backend.endpoint), port: 0, logs: false })
announce(port)
