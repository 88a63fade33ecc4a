import { describe, expect, test } from 'vitest'
import { surenessOf } from '../../test/sureness-of.js'

// Who may do what is often a matter of rank: a number beside each role, a list of them in order, a table of what each may.

const RANKS = 'const RANKS: Record<string, number> = { owner: 3, admin: 2, member: 1, guest: 0 }'
const ORDER = "const ORDER = ['guest', 'member', 'admin', 'owner']"
const MAY = "const MAY = new Set(['owner', 'admin'])"
const RIGHTS = "const RIGHTS: Record<string, string[]> = { owner: ['users:delete'], member: [] }"

/** What is said of ownership where a user is deleted by whoever has passed `guard`. */
function behind(guard: string): Promise<string[]> {
  return surenessOf('ownership-missing', {
    'lib/db.ts': "import { PrismaClient } from '@prisma/client'\nexport const db = new PrismaClient()",
    'src/index.ts': `import express from 'express'
import jwt from 'jsonwebtoken'
import { db } from '../lib/db'
${RANKS}
${ORDER}
${RIGHTS}
${MAY}
const app = express()
app.use((req, res, next) => {
  try { req.user = jwt.verify(req.headers.authorization ?? '', process.env.SECRET!) } catch { return res.sendStatus(401) }
  next()
})
const needs = (role: string) => async (req, res, next) => { ${guard} }
app.delete('/users/:id', needs('admin'), async (req, res) => {
  await db.user.delete({ where: { id: req.params.id } })
  res.sendStatus(204)
})
app.listen(3000)`,
  })
}

describe('whoever has the rank may', () => {
  test.each([
    ['high enough goes on', 'if (RANKS[req.user.role] >= RANKS[role]) next(); else res.sendStatus(403)'],
    ['too low is refused', 'if (RANKS[req.user.role] < RANKS[role]) return res.sendStatus(403); next()'],
    ['the other way round', 'if (RANKS[role] > RANKS[req.user.role]) return res.sendStatus(403); next()'],
    [
      'what is not known is the lowest',
      'const rank = RANKS[req.user.role] ?? 0; if (rank < 2) return res.sendStatus(403); next()',
    ],
    ['in order', 'if (ORDER.indexOf(req.user.role) < ORDER.indexOf(role)) return res.sendStatus(403); next()'],
    ['a right of theirs', "if (!RIGHTS[req.user.role]?.includes('users:delete')) return res.sendStatus(403); next()"],
    ['among those who may', 'if (!MAY.has(req.user.role)) return res.sendStatus(403); next()'],
    [
      'one of their roles is one of those',
      "const me = await db.user.findUnique({ where: { id: req.user.sub } }); if (!['admin', 'owner'].some((may) => me?.roles.some((one) => one.role === may))) return res.sendStatus(403); next()",
    ],
    [
      'they stand among the administrators',
      'const me = await db.admin.findUnique({ where: { email: req.user.email } }); if (!me) return res.sendStatus(403); next()',
    ],
    [
      'the rank of their row',
      'const me = await db.user.findUnique({ where: { id: req.user.sub } }); if (!me || RANKS[me.role] < 2) return res.sendStatus(403); next()',
    ],
  ])('%s: %s', async (_, guard) => {
    expect(await behind(guard)).toEqual([])
  })

  test.each([
    ['nobody asks', 'next()'],
    ['too high is refused', 'if (RANKS[req.user.role] > RANKS[role]) return res.sendStatus(403); next()'],
    ['it is only written down', 'if (RANKS[req.user.role] < 2) console.warn(role); next()'],
    [
      'somebody else stands among the administrators',
      'const who = await db.admin.findUnique({ where: { email: req.body.email } }); if (!who) return res.sendStatus(403); next()',
    ],
    ['the client says what it is', 'if (RANKS[req.body.role] < 2) return res.sendStatus(403); next()'],
  ])('but not where %s: %s', async (_, guard) => {
    expect(await behind(guard)).toEqual(['high'])
  })
})
