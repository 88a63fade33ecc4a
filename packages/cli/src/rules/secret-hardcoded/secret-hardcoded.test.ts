import { describe, expect, test } from 'vitest'
import { audit } from '../../audit.js'
import { treeOf } from '../../facts/source/read-tree.js'
import { RULEBOOK } from '../rulebook.js'

const RULE = RULEBOOK.filter(({ id }) => id === 'secret-hardcoded')
const saidOf = async (text: string, file = 'lib/a.ts') =>
  (await audit(treeOf({ [file]: text }), RULE)).findings.map(({ confidence }) => confidence)

/** Put together here, so that no scanner of keys takes this file for one that leaks them. */
const key = (...parts: string[]) => parts.join('')
const some = (length: number, letters = 'a8Kd2Zq7Rw4Tn9Xc3Vb6') => letters.repeat(9).slice(0, length)
const token = (claims: object) =>
  `eyJhbGciOiJIUzI1NiJ9.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.${some(43)}`

describe('a key of a provider is known by its form', () => {
  test.each([
    key('sk_', 'live_', some(24)),
    key('rk_', 'live_', some(24)),
    key('whsec', '_', some(32)),
    key('AK', 'IA', 'Q3EGRIHZ5LMNVTXK'),
    key('gh', 'p_', some(36)),
    key('github', '_pat_', some(82)),
    key('glp', 'at-', some(20)),
    key('xo', 'xb-', '2345678901-', some(24)),
    key('sk-', 'proj-', some(48), 'T3Blbk', 'FJ', some(48)),
    key('sk-', 'ant-api03-', some(95)),
    key('S', 'G.', some(22), '.', some(43)),
    key('re', '_', some(8), '_', some(24)),
    key('np', 'm_', some(36)),
    key('shp', 'at_', some(32, 'a8d2e7f4b9c3')),
    key('sb_', 'secret_', some(31)),
    token({ iss: 'supabase', role: 'service_role', ref: 'abc' }),
    key('-----BEGIN ', 'PRIVATE KEY-----\\n', some(64)),
    key('-----BEGIN RSA ', 'PRIVATE KEY-----\\n', some(64)),
    'postgres://api:h7Rk2mQz9w@db.shop-eu.net/shop',
    'mongodb+srv://api:h7Rk2mQz9w@cluster0.ab1cd.mongodb.net/shop',
    'rediss://:h7Rk2mQz9w@cache.shop-eu.net:6379',
  ])('%s', async (text) => {
    expect(await saidOf(`export const client = connect(\`${text}\`)\n`)).toEqual(['high'])
    expect(await saidOf(`export const client = connect(\`${text}\`)\n`, 'lib/a.test.ts')).toEqual([])
  })

  test('in a comment too', async () => {
    expect(await saidOf(`// const stripe = new Stripe('${key('sk_', 'live_', some(24))}')\n`)).toEqual(['high'])
    expect(await saidOf('// postgres://api:h7Rk2mQz9w@db.shop-eu.net/shop\n')).toEqual([])
  })

  test('one for trying things out is worth less', async () => {
    expect(await saidOf(`new Stripe('${key('sk_', 'test_', some(24))}')\n`)).toEqual(['medium'])
  })
})

describe('what signs or opens something is known by its use', () => {
  test.each<[string, string[]]>([
    [
      "import jwt from 'jsonwebtoken'\nconst JWT_SECRET = 'shop2024'\nexport const t = jwt.sign({ id: 1 }, JWT_SECRET)",
      ['high'],
    ],
    [
      "import { jwtVerify } from 'jose'\nconst secret = 'shop2024'\nexport const key = new TextEncoder().encode(secret)",
      ['high'],
    ],
    [
      "import jwt from 'jsonwebtoken'\nconst COOKIE_SECRET = 'x-cookie-secret'\nexport const a = (h) => h.get(COOKIE_SECRET)",
      [],
    ],
    [
      "import { createPool } from 'mysql2/promise'\nexport const p = createPool({ host: 'db.shop-eu.net', user: 'api', password: 'Winter7' })",
      ['high'],
    ],
    ["import { Pool } from 'pg'\nexport const p = new Pool({ user: 'api', password: 'Winter7' })", ['medium']],
    [
      "import { createPool } from 'mysql2'\nexport const p = createPool({ host: 'localhost', user: 'api', password: 'Winter7' })",
      [],
    ],
    [
      "import { createPool } from 'mysql2'\nexport const p = createPool({ host: 'db.shop-eu.net', password: 'password' })",
      [],
    ],
    [
      "import nodemailer from 'nodemailer'\nnodemailer.createTransport({ host: 'smtp.shop-eu.net', auth: { user: 'a', pass: 'abcd efgh ijkl' } })",
      ['high'],
    ],
    ["import { z } from 'zod'\nexport const s = z.object({ password: 'Winter7' })", []],
  ])('%s', async (text, expected) => expect(await saidOf(`${text}\n`)).toEqual(expected))
})

describe('what is no secret is not found', () => {
  test.each([
    "const key = 'sk_live_xxxxxxxxxxxxxxxxxxxxxxxx'",
    "const placeholder = 'sk_live_your_key_here'",
    "if (key.startsWith('sk_live_')) throw new Error('live')",
    "const id = 'AKIAIOSFODNN7EXAMPLE'",
    'const pattern = /whsec_[a-zA-Z0-9]+/',
    `const anon = '${token({ iss: 'supabase', role: 'anon' })}'`,
    `const local = '${token({ iss: 'supabase-demo', role: 'service_role' })}'`,
    "const url = 'postgres://postgres:postgres@localhost:5432/shop'",
    "const url = 'postgres://shop:h7Rk2mQz9w@database:5432/shop'",
    "const url = 'postgresql://user:password@host.example.com/db'",
    "const url = 'postgres://USER:<password>@db.shop-eu.net/shop'",
    'const url = `postgres://api:${password}@db.shop-eu.net/shop`',
    "const url = 'https://db.shop-eu.net:5432/a'",
    "const header = '-----BEGIN PRIVATE KEY-----'",
    "enum Keys { OPENAI_API_KEY = 'OPENAI_API_KEY_OF_THE_WORKSPACE_1' }",
    "const tokenName = 'csrf-token-of-the-session-2024-form'",
    "const passwordToken = 'reset_password_token_expires_24_hours'",
    "const password = 'admin123'",
    "const POSTHOG_API_KEY = 'phc_9a8Kd2Zq7Rw4Tn9Xc3Vb6a8Kd2Zq7Rw4Tn9Xc3Vb6'",
    'const token = session.token',
    "const { secret } = process.env; const text = { secret: 'The secret is too short' }",
    "const key = process.env.STRIPE_SECRET_KEY ?? 'sk_test_placeholder'",
    "const secret = process.env.CRON_SECRET ?? ''",
    "jwt.verify(token, secret, { algorithms: ['HS256'] })",
    "createHmac('sha256', secret)",
  ])('%s', async (text) => expect(await saidOf(`${text}\n`)).toEqual([]))
})

test.each([
  'eyJ-',
  'sk-',
  'postgres://a',
  "secret: '",
  'process.env.SECRET',
  'token = "a8',
  'jwt.sign({',
  '-----BEGIN PRIVATE KEY-----',
])('a megabyte of %j is read once', async (unit) => {
  const began = performance.now()
  await saidOf(`'${unit.repeat(1_000_000 / unit.length)}'`, 'a.sql')
  // Read again from each of its beginnings it would be hours.
  expect(performance.now() - began).toBeLessThan(30_000)
})
