import { describe, expect, test } from 'vitest'
import { audit } from '../../audit.js'
import { RULEBOOK } from '../../rules/rulebook.js'
import { treeOf } from '../source/read-tree.js'

/** What is said of the errors that a tree's app answers, each with its symbol. */
async function said(files: Readonly<Record<string, string>>): Promise<string[]> {
  const { findings, faults } = await audit(treeOf(files), RULEBOOK)
  expect(faults).toEqual([])
  return findings.map(({ rule, confidence, symbol }) => `${rule} ${confidence} ${symbol}`)
}

const LEAK = ['error-leak high app']

test.each([
  [
    'Express',
    "import express from 'express'\nconst app = express()\napp.use((err, req, res, next) => { console.error(err); res.status(500).json({ error: err.message }) })\napp.listen(3000)",
  ],
  [
    'Hono',
    "import { Hono } from 'hono'\nconst app = new Hono()\napp.onError((err, c) => { console.error(err); return c.json({ error: err.message }, 500) })\nexport default app",
  ],
  [
    'Fastify',
    "import Fastify from 'fastify'\nconst app = Fastify()\napp.setErrorHandler((error, request, reply) => { console.error(error); reply.status(500).send({ error: error.message }) })\nawait app.listen({ port: 3000 })",
  ],
  [
    'Elysia',
    "import { Elysia } from 'elysia'\nnew Elysia().onError(({ error, set }) => { console.error(error); set.status = 500; return { error: error.message } }).listen(3000)",
  ],
])('%s answers with what went wrong inside', async (_, code) => {
  expect(await said({ 'src/index.ts': code })).toEqual(LEAK)
})

const use = (name: string) =>
  `import express from 'express'\nimport { onError } from './errors'\nconst ${name} = express()\n${name}.use(onError)\n${name}.listen(3000)`

test('a handler of its own file is told there, once for all that use it', async () => {
  const { findings } = await audit(
    treeOf({
      'src/a.ts': use('a'),
      'src/b.ts': use('b'),
      'src/errors.ts':
        'export function onError(err, req, res, next) {\n  console.error(err)\n  res.status(500).send(err.stack)\n}',
    }),
    RULEBOOK,
  )
  expect(findings.map(({ rule, file, line, symbol }) => `${rule} ${file}:${line} ${symbol}`)).toEqual([
    'error-leak src/errors.ts:3 onError',
  ])
})

const handler = (body: string) =>
  said({
    'src/index.ts': `import express from 'express'
class AppError extends Error {}
const app = express()
app.use((err, req, res, next) => { console.error(err); ${body} })
app.listen(3000)`,
  })

describe('what was made to be told', () => {
  test.each([
    ["res.status(500).json({ error: 'Something went wrong' })"],
    [
      "if (err instanceof AppError) return res.status(err.status).json({ error: err.message }); res.status(500).json({ error: 'Something went wrong' })",
    ],
    ["res.status(err.status ?? 500).json({ error: err.isOperational ? err.message : 'Something went wrong' })"],
    ['if (err.expose) return res.status(err.status).json({ error: err.message }); res.sendStatus(500)'],
    [
      "const status = err.statusCode || 500; res.status(status).json({ error: status === 500 ? 'Something went wrong' : err.message })",
    ],
    [
      "const status = err.status ?? 500; res.status(status).json({ error: status < 500 ? err.message : 'Something went wrong' })",
    ],
    [
      'const status = err.status ?? 500; if (status >= 500) return res.sendStatus(status); res.status(status).json({ error: err.message })',
    ],
    [
      "let { message } = err; if (process.env.NODE_ENV === 'production' && !err.isOperational) message = 'Something went wrong'; res.status(500).json({ message })",
    ],
    ["if (err.name === 'ValidationError') return res.status(400).json({ error: err.message }); res.sendStatus(500)"],
    [
      "res.status(500).json({ error: 'Something went wrong', ...(process.env.NODE_ENV === 'development' && { stack: err.stack }) })",
    ],
    ["res.status(500).json({ error: process.env.NODE_ENV === 'production' ? 'Something went wrong' : err.message })"],
    ["if (process.env.NODE_ENV !== 'production') return res.status(500).send(err.stack); res.sendStatus(500)"],
  ])('%s', async (body) => {
    expect(await handler(body)).toEqual([])
  })

  test.each([
    ["res.status(err.status || 500).json({ error: err.message || 'Something went wrong' })"],
    ["const status = err.status ?? 500; res.status(status).json({ error: status >= 500 ? err.message : 'No' })"],
    ["res.status(500).json({ error: process.env.NODE_ENV === 'production' ? err.message : 'Look at the log' })"],
    ["res.status(500).json({ error: 'Something went wrong', ...(process.env.DEBUG && { stack: err.stack }) })"],
    ['if (err instanceof Error) return res.status(500).json({ error: err.message }); res.sendStatus(500)'],
  ])('but not %s', async (body) => {
    expect(await handler(body)).toEqual(LEAK)
  })
})
