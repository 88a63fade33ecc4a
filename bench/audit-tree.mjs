import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Writes `treeOf(files)` into a directory. */
export function writeTree(directory, files) {
  for (const [path, text] of Object.entries(treeOf(files))) {
    mkdirSync(dirname(join(directory, path)), { recursive: true })
    writeFileSync(join(directory, path), text)
  }
}

/**
 * A project of so many files, 100 at least, by their paths. It is as public ones are (counted over 2,033 files of seventeen
 * repositories): 4.4 kB a file there and 3.4 here, one of fifteen a route handler, one of eleven a page. Routes, pages and actions call
 * services, services call others, and one route in ten forgets to ask who is calling.
 */
export function treeOf(files) {
  const tree = {
    'package.json': JSON.stringify({ name: 'tree', dependencies: { next: '16', zod: '4', '@prisma/client': '7' } }),
    'tsconfig.json': JSON.stringify({ compilerOptions: { paths: { '@/*': ['./src/*'] } } }),
    'prisma/schema.prisma': schemaOf(Math.round(files / 50)),
    'src/lib/db.ts': "import { PrismaClient } from '@prisma/client'\n\nexport const db = new PrismaClient()\n",
    'src/lib/session.ts': SESSION,
  }
  const share = (part) => Array.from({ length: Math.round(files * part) }, (_, n) => n)
  const [services, pages] = [share(0.2), share(0.088)]
  for (const n of share(0.013)) tree[`db/migrations/${String(n).padStart(4, '0')}_step.sql`] = migrationOf(n)
  for (const n of services) tree[`src/services/area${n % 20}/service${n}.ts`] = serviceOf(n, services.length)
  for (const n of share(0.067)) tree[`src/app/api/area${n % 20}/thing${n}/[id]/route.ts`] = routeOf(n, services.length)
  for (const n of share(0.02)) tree[`src/app/area${n % 20}/actions${n}.ts`] = actionsOf(n, services.length)
  for (const n of share(0.06)) tree[`src/services/area${n % 20}/service${n}.test.ts`] = testOf(n)
  const components = files - Object.keys(tree).length - pages.length
  for (let n = 0; n < components; n += 1)
    tree[`src/components/area${n % 40}/component${n}.tsx`] = componentOf(n, components)
  for (const n of pages) tree[`src/app/area${n % 20}/page${n}/page.tsx`] = pageOf(n, components, services.length)
  return tree
}

const SESSION = `import { cookies } from 'next/headers'
import { db } from '@/lib/db'

export async function currentUser() {
  const token = (await cookies()).get('session')?.value
  if (token === undefined) return null
  const session = await db.session.findUnique({ where: { token }, include: { user: true } })
  if (session === null || session.expiresAt < new Date()) return null
  return session.user
}
`

const many = (times, line) => Array.from({ length: times }, (_, index) => line(index)).join('')

function serviceOf(n, services) {
  const next = (n * 7 + 3) % services
  const own = n > 40 ? `import { read${n % 40}_0 } from '@/services/area${n % 20}/service${n % 40}'\n` : ''
  return `import { db } from '@/lib/db'
import { z } from 'zod'
${own}
export const Input${n} = z.object({ title: z.string().min(1).max(200), amount: z.number().int().positive(), next: z.literal(${next}) })
${many(
  6,
  (k) => `
/** What the area needs of its things, in the order in which they were made. */
export async function read${n}_${k}(userId: string, page = 0) {
  const rows = await db.thing${k}.findMany({ where: { userId, deletedAt: null }, orderBy: { createdAt: 'desc' }, take: 20, skip: page * 20 })
  const total = rows.reduce((sum, row) => sum + (row.amount ?? 0), 0)
  if (total > 1_000 && rows.some((row) => row.status === 'open')) {
    return rows.filter((row) => row.amount > total / rows.length).map((row) => ({ ...row, share: row.amount / total }))
  }
  return rows.map((row) => ({ ...row, share: total === 0 ? 0 : row.amount / total }))
}

export async function write${n}_${k}(userId: string, id: string, input: { title: string; amount: number }) {
  const found = await db.thing${k}.findFirst({ where: { id, userId } })
  if (found === null) throw new Error('There is no such thing')
  ${own !== '' && k === 0 ? `const others = await read${n % 40}_0(userId)\n  if (others.length > 100) throw new Error('Too many')` : ''}
  return db.thing${k}.update({ where: { id: found.id }, data: { title: input.title, amount: input.amount } })
}
`,
)}`
}

function routeOf(n, services) {
  const s = n % services
  const from = `'@/services/area${s % 20}/service${s}'`
  const method = (name, k, body) => `
export async function ${name}(request: Request, { params }: { params: Promise<{ id: string }> }) {
  const user = await currentUser()
  ${n % 10 === 0 && k === 2 ? '' : 'if (user === null) return Response.json({ error: "Sign in first" }, { status: 401 })'}
  try {
    const { id } = await params
${body}
  } catch (error) {
    console.error('area ${n}', error)
    return Response.json({ error: 'Something went wrong' }, { status: 500 })
  }
}
`
  return `import { currentUser } from '@/lib/session'
import { Input${s}, read${s}_0, write${s}_1 } from ${from}
${method('GET', 0, `    const things = await read${s}_0(user.id)\n    return Response.json(things.find((one) => one.id === id) ?? null)`)}${method('PATCH', 1, `    const input = Input${s}.safeParse(await request.json())\n    if (!input.success) return Response.json({ error: 'Not valid' }, { status: 400 })\n    return Response.json(await write${s}_1(user.id, id, input.data))`)}${method('DELETE', 2, `    await write${s}_1(user?.id ?? '', id, { title: '', amount: 0 })\n    return new Response(null, { status: 204 })`)}`
}

function actionsOf(n, services) {
  const s = (n * 3) % services
  return `'use server'

import { revalidatePath } from 'next/cache'
import { currentUser } from '@/lib/session'
import { Input${s}, write${s}_2 } from '@/services/area${s % 20}/service${s}'
${many(
  4,
  (k) => `
export async function save${n}_${k}(id: string, form: FormData) {
  const user = await currentUser()
  if (user === null) throw new Error('Sign in first')
  const input = Input${s}.parse(Object.fromEntries(form))
  await write${s}_2(user.id, id, input)
  revalidatePath('/area${n % 20}')
}
`,
)}`
}

function pageOf(n, components, services) {
  const [c, s] = [n % components, n % services]
  return `import { redirect } from 'next/navigation'
import { Component${c} } from '@/components/area${c % 40}/component${c}'
import { currentUser } from '@/lib/session'
import { read${s}_3 } from '@/services/area${s % 20}/service${s}'

export default async function Page() {
  const user = await currentUser()
  if (user === null) redirect('/sign-in')
  const things = await read${s}_3(user.id)
  return (
    <main className="mx-auto flex max-w-4xl flex-col gap-4 p-8">
      <h1 className="text-2xl font-bold">Area ${n}</h1>
      {things.map((one) => (
        <Component${c} key={one.id} title={one.title} items={[one.amount, one.share]} />
      ))}
    </main>
  )
}
`
}

function componentOf(n, components) {
  const other = (n * 5 + 1) % components
  const inner =
    n % 3 === 0 ? '' : `import { Component${other} } from '@/components/area${other % 40}/component${other}'\n`
  return `'use client'

import { useCallback, useMemo, useState } from 'react'
${inner}
interface Props {
  readonly title: string
  readonly items?: readonly number[]
}
${many(
  2,
  (k) => `
/** Shows what was chosen, and lets somebody choose again. */
export function ${k === 0 ? `Component${n}` : `Row${n}_${k}`}({ title, items = [] }: Props) {
  const [chosen, setChosen] = useState<number | null>(null)
  const [isOpen, setOpen] = useState(false)
  const sorted = useMemo(() => [...items].sort((a, b) => a - b), [items])
  const total = useMemo(() => sorted.reduce((sum, one) => sum + one, 0), [sorted])
  const onChoose = useCallback((index: number) => {
    setChosen((before) => (before === index ? null : index))
    setOpen(true)
  }, [])
  if (sorted.length === 0) return <p className="text-sm text-muted-foreground">Nothing is here yet. Add one to begin.</p>
  return (
    <section className={isOpen ? 'rounded-lg border bg-card p-6 shadow-sm' : 'rounded-lg border p-6'} aria-label={title}>
      <header className="flex items-center justify-between gap-4">
        <h2 className="text-lg font-semibold leading-none tracking-tight">{title}</h2>
        <button type="button" className="inline-flex h-9 items-center rounded-md px-3" onClick={() => setOpen(!isOpen)}>
          {isOpen ? 'Close' : 'Open'}
        </button>
      </header>
      <ul className="mt-4 grid grid-cols-2 gap-2">
        {sorted.map((one, index) => (
          <li key={index} className={index === chosen ? 'font-bold' : undefined} onClick={() => onChoose(index)}>
            {one.toLocaleString('en', { maximumFractionDigits: 2 })} of {total}
          </li>
        ))}
      </ul>
      ${inner !== '' && k === 1 ? `<Component${other} title="More" items={sorted.slice(0, 3)} />` : '<footer className="mt-4 text-xs">{sorted.length} in all</footer>'}
    </section>
  )
}
`,
)}`
}

function testOf(n) {
  return `import { describe, expect, test, vi } from 'vitest'
import { Input${n} } from './service${n}'

vi.mock('@/lib/db', () => ({ db: {} }))

describe('area ${n}', () => {${many(
    12,
    (k) => `
  test('a title of ${k} characters', () => {
    const outcome = Input${n}.safeParse({ title: 'x'.repeat(${k}), amount: ${k + 1}, next: ${k} })
    expect(outcome.success).toBe(${k > 0})
    if (!outcome.success) expect(outcome.error.issues[0]?.path).toEqual(['title'])
  })
`,
  )}})
`
}

function schemaOf(models) {
  return `datasource db {
  provider = "postgresql"
  url      = env("DATABASE_URL")
}
${many(
  models,
  (k) => `
model Thing${k} {
  id        String    @id @default(uuid())
  userId    String
  title     String
  amount    Decimal
  status    String    @default("open")
  createdAt DateTime  @default(now()) @db.Timestamptz(3)
  deletedAt DateTime? @db.Timestamptz(3)
}
`,
)}`
}

function migrationOf(n) {
  return many(
    4,
    (k) => `create table things_${n}_${k} (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null,
  title text not null check (length(title) between 1 and 200),
  amount numeric(19, 4) not null default 0,
  created_at timestamptz not null default now()
);
alter table things_${n}_${k} enable row level security;
create policy own on things_${n}_${k} using (user_id = auth.uid()) with check (user_id = auth.uid());
`,
  )
}
