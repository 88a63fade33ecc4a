import { expect, test } from 'vitest'
import { audit } from '../../audit.js'
import { treeOf } from '../../facts/source/read-tree.js'
import { RULEBOOK } from '../rulebook.js'

/** What the rule says of the handlers of errors of a tree, as `file:line confidence`. */
async function said(files: Readonly<Record<string, string>>): Promise<string[]> {
  const { findings, faults } = await audit(
    treeOf(files),
    RULEBOOK.filter(({ id }) => id === 'error-unlogged'),
  )
  expect(faults).toEqual([])
  return findings.map(({ file, line, confidence }) => `${file}:${line} ${confidence}`)
}

const app = (handler: string, more = '') => ({
  'src/app.ts': `import express from 'express'
import { track } from './track'
const app = express()
${more}
app.use(${handler})
app.listen(3000)`,
})

test.each([
  ["(err, req, res, next) => { res.status(500).json({ error: 'Something went wrong' }) }"],
  ["(err, req, res, next) => { if (res.headersSent) return next(err); res.status(500).send('No') }"],
  ["(err, req, res, next) => { res.status(err.status || 500).json({ error: 'Something went wrong' }) }"],
  [
    "(err, req, res, next) => { if (err.name === 'UnauthorizedError') return res.sendStatus(401); res.sendStatus(500) }",
  ],
  ['(err, req, res, next) => { if (err instanceof RangeError) return res.sendStatus(500); res.sendStatus(503) }'],
])('Express answers, and nobody hears of it: %s', async (handler) => {
  expect(await said(app(handler))).toEqual(['src/app.ts:5 high'])
})

test.each([
  ['(err, req, res, next) => { console.error(err); res.sendStatus(500) }'],
  ['(err, req, res, next) => { if (err.status !== 404) console.error(err); res.sendStatus(err.status ?? 500) }'],
  ['(err, req, res, next) => { track(err); res.sendStatus(500) }'],
  // Express itself logs what comes to its end.
  ['(err, req, res, next) => { if (err.status) return res.sendStatus(err.status); next(err) }'],
  // Mistakes of the client's, and errors that were made to be told.
  ["(err, req, res, next) => { if (err.type === 'entity.too.large') res.sendStatus(413) }"],
  ['(err, req, res, next) => { if (err instanceof AppError) res.sendStatus(err.status) }'],
])('somebody hears of it, or it is no fault: %s', async (handler) => {
  const track = { 'src/track.ts': 'export function track(error: unknown) { console.error(error) }' }
  expect(await said({ ...app(handler, 'class AppError extends Error {}'), ...track })).toEqual([])
})

test.each([
  ['app.use((err, req, res, next) => { console.error(err); next(err) })'],
  ["import * as Sentry from '@sentry/node'\nSentry.setupExpressErrorHandler(app)"],
])('who heard of it before has logged it: %s', async (more) => {
  expect(await said(app('(err, req, res, next) => { res.sendStatus(500) }', more))).toEqual([])
})

test('another app’s logger hears nothing of it', async () => {
  const more =
    'const other = express()\nother.use((err, req, res, next) => { console.error(err); next(err) })\nother.listen(1)'
  expect(await said(app('(err, req, res, next) => { res.sendStatus(500) }', more))).toEqual(['src/app.ts:7 high'])
})

test.each([
  [
    'Hono',
    "import { Hono } from 'hono'\nconst app = new Hono()\napp.onError((err, c) => c.json({ error: 'No' }, 500))\nexport default app",
  ],
  [
    'Fastify',
    "import Fastify from 'fastify'\nconst app = Fastify()\napp.setErrorHandler((error, request, reply) => { reply.status(500).send('No') })\nawait app.listen({ port: 3000 })",
  ],
])('%s logs nothing that a handler of one’s own answers', async (_, code) => {
  expect(await said({ 'src/index.ts': code })).toEqual(['src/index.ts:3 high'])
})

test.each([
  [
    'Fastify’s logger',
    "import Fastify from 'fastify'\nconst app = Fastify({ logger: true })\napp.setErrorHandler((error, request, reply) => { request.log.error(error); reply.status(500).send('No') })\nawait app.listen({ port: 3000 })",
  ],
  [
    'Elysia, where the code says what happened',
    "import { Elysia } from 'elysia'\nnew Elysia().onError(({ code }) => { if (code === 'NOT_FOUND') return 'Nothing here' }).listen(3000)",
  ],
])('%s is not told', async (_, code) => {
  expect(await said({ 'src/index.ts': code })).toEqual([])
})
