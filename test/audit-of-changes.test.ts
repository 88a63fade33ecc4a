import { join } from 'node:path'
import { expect, test } from 'vitest'
import { treeOf as projectOf } from '../bench/audit-tree.mjs'
import { audit } from '../packages/cli/src/audit.js'
import { readTree, type Tree, treeOf } from '../packages/cli/src/facts/source/read-tree.js'
import type { Finding } from '../packages/cli/src/finding.js'
import { RULEBOOK } from '../packages/cli/src/rules/rulebook.js'
import { ROOT } from './support/markdown.ts'

const HANDLER = '(request, reply) => reply.send(db.post.delete({ where: { id: request.params.id } }))'

const TREES: Readonly<Record<string, () => Tree>> = {
  'a Next.js project': () => treeOf(projectOf(110)),
  'the example of invoices': () => readTree(join(ROOT, 'examples/invoices')),
  'an Express app whose guards stand in front of what knows nothing of them': () =>
    treeOf({
      'app.ts': "import express from 'express'\nimport { guard } from './guard'\nimport posts from './posts'\nconst app = express()\napp.use(guard)\napp.use('/posts', posts)\n",
      'guard.ts': "import { clean } from './clean'\nexport async function guard(request, response, next) {\n  await clean()\n  next()\n}\n",
      'clean.ts': "import { db } from '@/db'\nexport const clean = () => db.post.deleteMany({ where: { published: false } })\n",
      'posts.ts': `import { Router } from 'express'\nimport { db } from '@/db'\nconst posts = Router()\nposts.delete('/:id', ${HANDLER})\nexport default posts\n`,
      'aside.ts': "export const key = 'AKIAIOSFODNN7REALKEY'\n",
    }),
  'Fastify plugins that are found by their folder': () =>
    treeOf({
      'routes/autohooks.ts': "import type { FastifyInstance } from 'fastify'\nimport { db } from '../db'\nexport default async function (fastify: FastifyInstance) {\n  fastify.addHook('onRequest', async () => { await db.post.deleteMany({ where: { old: true } }) })\n}\n",
      'routes/posts/index.ts': `import type { FastifyInstance } from 'fastify'\nimport { db } from '../../db'\nexport default async function (fastify: FastifyInstance) {\n  fastify.delete('/:id', async ${HANDLER})\n}\n`,
      'db.ts': "import { PrismaClient } from '@prisma/client'\nexport const db = new PrismaClient()\n",
    }),
} // prettier-ignore

test.each(Object.keys(TREES))(
  '%s: what is told of a changed file is what an audit of all tells of it',
  async (name) => {
    const tree = TREES[name]!()
    const whole = await audit(tree, RULEBOOK)
    let compared = 0
    for (const changed of tree.files) {
      const isOf = ({ file, trace }: Finding) => [file, ...trace.map((call) => call.file)].includes(changed)
      const limited = await audit(tree, RULEBOOK, { isTold: (path) => path === changed })
      expect(limited.findings.filter(isOf), changed).toEqual(whole.findings.filter(isOf))
      expect(limited.endpoints).toBeLessThanOrEqual(whole.endpoints)
      compared += whole.findings.filter(isOf).length
    }
    expect(compared).toBeGreaterThan(name.startsWith('the example') ? -1 : 2)
  },
  120_000,
)

test('what a changed file has nothing to do with is not followed', async () => {
  const tree = treeOf(projectOf(400))
  const { endpoints } = await audit(tree, RULEBOOK, {
    isTold: (path) => path === 'src/services/area7/service7.ts',
  })
  const whole = await audit(tree, RULEBOOK)
  expect(whole.endpoints).toBeGreaterThan(80)
  expect(endpoints).toBeLessThan(whole.endpoints / 4)
})
