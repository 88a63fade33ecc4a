import { forbidden, notFound, redirect } from 'next/navigation.js'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { CustomerInput, customers, InvoiceInput, invoices, payments, posts, shop } from '../test/shop.js'
import { createBackend } from './backend.js'
import type { ActionResult } from './action-result.js'
import { database } from './database/index.js'
import { next } from './next/index.js'
import { create, remove, row, update } from './operations.js'
import { problem } from './problems.js'
import { columns } from './response-columns.js'

const it = shop(() => ({}), { backend: { host: next() } })
const { action } = it.backend

let called = 0
afterEach(() => void (called = 0))

const Id = z.object({ id: z.string() })
const createCustomer = action({ input: CustomerInput, revalidate: '/customers' }, create(customers))
const createInvoice = action({ input: InvoiceInput }, create(invoices))
const editInvoice = action(
  { input: z.object({ id: z.string(), number: z.string().min(1), rank: z.number().optional() }), owns: invoices },
  update(),
)
const deleteInvoice = action({ input: Id, owns: invoices, bind: ['id'] }, remove())
const payInvoice = action(
  {
    input: z.object({ invoiceId: z.string(), amount: z.string().min(1) }),
    owns: { table: invoices, param: 'invoiceId' },
    bind: ['invoiceId'],
  },
  create(payments, { under: 'invoice' }),
)
const numberOf = action({ input: Id, owns: invoices }, ({ resource }) => {
  called += 1
  return { number: resource.number, at: new Date(0), big: 12n }
})
const retitle = action({ input: z.object({ id: z.string(), title: z.string() }), owns: posts }, update())
const whoAmI = action({}, ({ principal }) => {
  called += 1
  return { id: principal.id }
})
const look = action({ public: 'a greeting', input: z.object({ name: z.string() }) }, ({ input, principal }) => {
  called += 1
  return { hello: input.name, as: principal?.id ?? null }
})
const admins = action({ auth: { role: 'admin' } }, () => void (called += 1))

const form = (fields: Record<string, string>) => {
  const made = new FormData()
  for (const [name, value] of Object.entries(fields)) made.append(name, value)
  return made
}
const alice = () => it.app.as('alice')
const bob = () => it.app.as('bob')
const dataOf = <T>({ data, error }: ActionResult<T>): T => {
  if (error !== undefined) throw new Error(JSON.stringify(error))
  return data
}

const without = ({ error }: ActionResult<unknown>) => ({ ...error, requestId: '' })
const nothing = (): null => null
const ending = (end: () => never) =>
  action({ input: CustomerInput, revalidate: '/customers' }, async ({ db, input, revalidate }) => {
    await db.customers.create(input)
    revalidate({ tags: ['customers'] })
    end()
  })

let customerId: string
let invoiceId: string
beforeAll(async () => {
  customerId = dataOf(await alice().run(() => createCustomer({ name: 'ACME', pin: '1234' }))).id
  invoiceId = dataOf(await alice().run(() => createInvoice({ customerId, number: 'A1', total: '10.00' }))).id
})

describe('who calls', () => {
  test('nobody is refused, and nothing happens', async () => {
    const seen = await it.app.recording(() => it.app.nobody.run(() => whoAmI()))
    expect(seen.answer.error).toMatchObject({ code: 'unauthenticated', message: 'Sign in to do this' })
    seen.nothing()
    expect(called).toBe(0)
  })

  test('somebody without the role is refused', async () => {
    expect((await alice().run(() => admins())).error?.code).toBe('forbidden')
    expect(called).toBe(0)
    const admin = { id: 'root', roles: ['admin'], claims: {} }
    expect(await it.app.as(admin).run(() => admins())).toEqual({ data: null })
  })

  test('a public action answers nobody, and knows who is signed in', async () => {
    expect(await it.app.nobody.run(() => look({ name: 'x' }))).toEqual({ data: { hello: 'x', as: null } })
    expect(await bob().run(() => look({ name: 'x' }))).toEqual({ data: { hello: 'x', as: 'bob' } })
  })
})

describe('from where', () => {
  test.each([
    ['another site', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }],
    ['another site, by a browser that says no more', { origin: 'https://evil.example', 'sec-fetch-site': '' }],
    ['a sibling subdomain', { origin: 'http://x.localhost', 'sec-fetch-site': 'same-site' }],
    ['an opaque origin', { origin: 'null', 'sec-fetch-site': '' }],
    ['a page that is merely looked at', { origin: '', 'sec-fetch-site': 'same-origin' }],
    ['no browser at all', { origin: '', 'sec-fetch-site': '' }],
    [
      'a bearer of a token, from another site',
      { origin: 'https://evil.example', authorization: 'Bearer x', 'sec-fetch-site': '' },
    ],
  ])('from %s it is refused, signed in or not, and nothing happens', async (_name, headers) => {
    for (const caller of [alice(), it.app.nobody]) {
      const seen = await it.app.recording(() => caller.run(() => look({ name: 'x' }), { headers }))
      expect(seen.answer.error?.code).toBe('cross-site')
      seen.nothing()
    }
    expect(called).toBe(0)
  })

  test('the own origin is enough for a browser that does not say from where', async () => {
    const headers = { origin: 'http://localhost', 'sec-fetch-site': '' }
    expect((await alice().run(() => look({ name: 'x' }), { headers })).error).toBeUndefined()
  })
})

describe('whose row it is', () => {
  test('its owner may', async () => {
    expect(dataOf(await alice().run(() => numberOf({ id: invoiceId })))).toEqual({
      number: 'A1',
      at: '1970-01-01T00:00:00.000Z',
      big: '12',
    })
  })

  const attempts: Record<string, (id: string) => Promise<ActionResult<unknown>>> = {
    'a function': (id) => numberOf({ id }),
    'a change': (id) => editInvoice({ id, number: 'stolen' }),
    'a removal': (id) => deleteInvoice(id),
    'a row that hangs on it': (id) => payInvoice(id, { amount: '1.00' }),
  }
  test.each(Object.keys(attempts))(
    '%s by another is refused as if it were not there, and nothing is written',
    async (name) => {
      const absent = await bob().run(() => attempts[name]!('999999'))
      const seen = await it.app.recording(() => bob().run(() => attempts[name]!(invoiceId)))
      expect(seen.answer.error?.code).toBe('not-found')
      expect(without(seen.answer)).toEqual(without(absent))
      seen.nothingWritten()
      expect(called).toBe(0)
    },
  )

  test.each(['', 'x', '1e3', '0', '-1', "1'", '99999999999999999999'])(
    'an id that is none, %j, opens nothing',
    async (id) => {
      const seen = await it.app.recording(() => bob().run(() => editInvoice({ id, number: 'x' })))
      expect(seen.answer.error?.code).toBe('not-found')
      seen.nothingWritten()
    },
  )

  test('the id names the row and is not written', async () => {
    const edited = dataOf(await alice().run(() => editInvoice({ id: invoiceId, number: 'A2' })))
    expect(edited).toMatchObject({ id: invoiceId, number: 'A2' })
    expect(dataOf(await alice().run(() => editInvoice({ id: invoiceId, number: 'A1' }))).number).toBe('A1')
  })

  test('a row that hangs on it is made under it', async () => {
    const paid = dataOf(await alice().run(() => payInvoice(invoiceId, form({ amount: '2.50' }))))
    expect(paid).toMatchObject({ invoiceId, amount: '2.5000' })
  })

  test('seeing a row is not owning it', async () => {
    const makePost = action({ input: z.object({ title: z.string() }) }, create(posts))
    const { id } = dataOf(await alice().run(() => makePost({ title: 'mine' })))
    const seen = await it.app.recording(() => bob().run(() => retitle({ id, title: 'his' })))
    expect(seen.answer.error?.code).toBe('not-found')
    expect(seen.changed).toEqual([])
    const touch = action({ input: Id, owns: posts }, () => void (called += 1))
    expect((await bob().run(() => touch({ id }))).error?.code).toBe('not-found')
    expect(called).toBe(0)
    expect(await alice().run(() => touch({ id }))).toEqual({ data: null })
  })

  test('a transform may give the name of the row', async () => {
    const input = z.object({ number: z.string() }).transform(({ number }) => ({ id: number.slice(1) }))
    const named = action({ input, owns: invoices }, ({ resource }) => resource.number)
    expect(await alice().run(() => named({ number: `#${invoiceId}` }))).toEqual({ data: 'A1' })
    expect((await bob().run(() => named({ number: `#${invoiceId}` }))).error?.code).toBe('not-found')
  })

  test('a function may say whose it is, of what it is asked with', async () => {
    const owned = action(
      { input: Id, owns: async ({ id, principal, input }) => (id === principal.id ? { own: input['id'] } : null) },
      ({ resource }) => resource,
    )
    expect(await alice().run(() => owned({ id: 'alice' }))).toEqual({ data: { own: 'alice' } })
    expect((await bob().run(() => owned({ id: 'alice' }))).error?.code).toBe('not-found')
  })

  test('an input with an id and an action that says nothing of it answers nothing', async () => {
    // A schema that does not show what it is made of.
    const input = { '~standard': Id['~standard'] }
    const silent = action({ input } as never, () => void (called += 1)) as never as typeof whoAmI
    const seen = await it.app.recording(() => alice().run(() => silent({ id: invoiceId } as never)))
    expect(seen.answer.error?.code).toBe('internal')
    expect(called).toBe(0)
  })
})

describe('what comes in', () => {
  test('what is wrong is told by the names of its fields, and is not echoed', async () => {
    const seen = await it.app.recording(() => alice().run(() => createInvoice(form({ number: '', total: '' }))))
    expect(seen.answer.error).toMatchObject({ code: 'invalid', message: 'The request is not valid' })
    expect(Object.keys(seen.answer.error!.fieldErrors!)).toEqual(['customerId'])
    seen.nothing()
  })

  test('a rule over several fields is the message', async () => {
    const Twice = z.object({ a: z.string(), b: z.string() }).refine(({ a, b }) => a === b, 'Both must be the same')
    const same = action({ input: Twice }, () => void (called += 1))
    expect((await alice().run(() => same({ a: '1', b: '2' }))).error).toMatchObject({
      message: 'Both must be the same',
    })
    expect(called).toBe(0)
  })

  test.each(['hasOwnProperty', 'isPrototypeOf', '__defineGetter__'])(
    'a field that is called %s is one',
    async (name) => {
      const counts = action({ input: z.object({}).catchall(z.number()) } as never, () => void (called += 1)) as never
      const count = counts as (input: object) => Promise<ActionResult<unknown>>
      for (const input of [{ [name]: 'x' }, form({ [name]: 'x' })]) {
        const { error } = await alice().run(() => count(input))
        expect(error?.code).toBe('invalid')
        expect(Object.keys(error!.fieldErrors!)).toEqual([name])
      }
      expect(called).toBe(0)
    },
  )

  test.each(['toString', 'then', 'a.__proto__', 'a.constructor', 'a.toJSON', 'a.0.valueOf', 'constructor.prototype'])(
    'a form has no field that is called %s, as an object has none',
    async (name) => {
      const input = z.looseObject({ a: z.looseObject({ b: z.string() }) })
      const loose = action({ input, unowned: 'a test' }, () => void (called += 1))
      const sent = form({ 'a.b': 'x', [name]: 'x' })
      expect((await alice().run(() => loose(sent))).error?.code).toBe('invalid')
      expect(called).toBe(0)
    },
  )

  test('what only looks like a form is none', async () => {
    const fake = Object.create(FormData.prototype) as FormData
    expect((await alice().run(() => look(fake))).error?.code).toBe('invalid')
    expect(called).toBe(0)
  })

  test('a form may hold so many bytes, its names among them', async () => {
    const small = createBackend({
      auth: () => ({ id: 'alice', roles: [], claims: {} }),
      host: {
        ...next(),
        request: async () =>
          new Request('http://localhost/', { method: 'POST', headers: { origin: 'http://localhost' } }),
      },
      maxBodyBytes: 100,
    })
    const loose = small.action({ input: z.looseObject({}), unowned: 'a test' }, () => 'taken')
    expect(await loose(form({ ['n'.repeat(50)]: 'x'.repeat(50) }))).toEqual({ data: 'taken' })
    expect((await loose(form({ ['n'.repeat(51)]: 'x'.repeat(50) }))).error?.code).toBe('too-large')
    expect((await loose(form({ ['n'.repeat(101)]: '' }))).error?.code).toBe('too-large')
  })

  test('an owner in the input is not written', async () => {
    const made = dataOf(await bob().run(() => createCustomer({ name: 'x', ownerId: 'alice', id: '1' } as never)))
    expect(made).toMatchObject({ ownerId: 'bob' })
  })

  test('the previous state of a form means nothing', async () => {
    const previous = {
      get data() {
        throw new Error('looked at')
      },
    } as never
    expect(await alice().run(() => look(previous, form({ name: 'x' })))).toMatchObject({ data: { hello: 'x' } })
  })

  test.each([
    ['too many', ['1', { amount: '1' }, { amount: '2' }, { amount: '3' }]],
    ['none', []],
    ['one that is no plain data', [new Map(), { amount: '1' }]],
    ['a promise', [Promise.resolve('1'), { amount: '1' }]],
    ['one that the form has too', ['1', { invoiceId: '2', amount: '1' }]],
    ['a list in the place of the input', ['1', ['1']]],
  ])('bound arguments are input: %s is refused', async (_name, args) => {
    const seen = await it.app.recording(() =>
      alice().run(() => (payInvoice as never as (...a: unknown[]) => never)(...args)),
    )
    expect((seen.answer as ActionResult<unknown>).error?.code).toBe('invalid')
    seen.nothing()
  })

  test('they are plain data whatever the schema takes', async () => {
    const any = action({ input: z.object({ x: z.any() }), bind: ['x'] }, () => void (called += 1))
    for (const value of [new Map(), { toString: 'x' }, { ['then' as string]: 'x' }, () => 1]) {
      expect((await alice().run(() => any(value))).error?.code).toBe('invalid')
      expect((await alice().run(() => any({ deep: [value] }))).error?.code).toBe('invalid')
    }
    expect(called).toBe(0)
  })

  test('they are judged by the schema', async () => {
    const bound = action({ input: z.object({ n: z.number().max(9) }), bind: ['n'] }, ({ input }) => input.n)
    expect(await alice().run(() => bound(7))).toEqual({ data: 7 })
    expect((await alice().run(() => bound(10))).error?.fieldErrors).toHaveProperty('n')
    expect((await alice().run(() => bound('7' as never))).error?.fieldErrors).toHaveProperty('n')
    expect(await alice().run(() => bound.bind(null, 3)(null, new FormData()))).toEqual({ data: 3 })
  })

  describe('what a form is silent of, and reads as not ticked or empty, can be bound', () => {
    const input = z.object({ on: z.boolean(), tags: z.array(z.string()), at: z.object({ city: z.string() }) })
    const set = action({ input, bind: ['on', 'tags', 'at'] }, (given) => given.input).bind(null, true, ['x'], {
      city: 'Rome',
    })

    test('a box, a list, an object', async () => {
      const data = { on: true, tags: ['x'], at: { city: 'Rome' } }
      expect(await alice().run(() => set(null, new FormData()))).toEqual({ data })
    })

    test.each(['on', 'tags', 'at.city'])('and %s is not sent beside it', async (name) => {
      const field = name.split('.')[0]!
      expect((await alice().run(() => set(null, form({ [name]: 'x' })))).error?.fieldErrors).toHaveProperty(field)
    })
  })

  test('bound, in a form, under the state of a form', async () => {
    const direct = payInvoice.bind(null, invoiceId)
    expect(dataOf(await alice().run(() => direct({ amount: '1.00' })))).toMatchObject({ invoiceId })
    expect(dataOf(await alice().run(() => direct(null, form({ amount: '1.00', $ACTION_KEY: 'k' }))))).toMatchObject({
      invoiceId,
    })
  })
})

describe('what goes out', () => {
  test('a secret column never leaves', async () => {
    expect(JSON.stringify(await alice().run(() => createCustomer({ name: 'y', pin: '9999' })))).not.toContain('pin')
  })

  test('a list of columns is all that leaves, of a function too', async () => {
    const slots = { input: Id, owns: invoices, response: columns(invoices, ['number']) } as const
    expect(await alice().run(() => action(slots, ({ resource }) => resource)({ id: invoiceId }))).toEqual({
      data: { number: 'A1' },
    })
    const edit = action({ ...slots, input: z.object({ id: z.string(), number: z.string() }) }, update())
    expect(await alice().run(() => edit({ id: invoiceId, number: 'A1' }))).toEqual({ data: { number: 'A1' } })
  })

  test('a schema takes off what it does not know, and what does not fit it is undone', async () => {
    const strip = action({ response: z.object({ a: z.number() }) }, () => ({ a: 1, b: 2 }))
    expect(await alice().run(() => strip())).toEqual({ data: { a: 1 } })
    const misfit = action({ input: CustomerInput, response: z.object({ no: z.string() }) }, ({ db, input }) =>
      db.customers.create(input),
    )
    const seen = await it.app.recording(() => alice().run(() => misfit({ name: 'undone' })))
    expect(seen.answer.error?.code).toBe('internal')
    expect(seen.changed).toEqual([])
  })

  test('a Response is none', async () => {
    const answers = action({ input: CustomerInput }, async ({ db, input }) => {
      await db.customers.create(input)
      return new Response('x')
    })
    const seen = await it.app.recording(() => alice().run(() => answers({ name: 'undone' })))
    expect(seen.answer.error?.code).toBe('internal')
    expect(seen.changed).toEqual([])
  })

  test('what is thrown on purpose says its words; anything else is told to the log under the same id', async () => {
    const conflict = action({}, () => {
      throw problem('conflict', 'This is sent already')
    })
    expect((await alice().run(() => conflict())).error).toMatchObject({
      code: 'conflict',
      message: 'This is sent already',
    })
    const fails = action({}, () => {
      throw new Error('the password is swordfish')
    })
    const seen = await it.app.recording(() => alice().run(() => fails()))
    const { error } = seen.answer
    expect(error).toEqual({
      code: 'internal',
      message: 'Something went wrong on our side',
      requestId: error!.requestId,
    })
    const failed = seen.events.find((event) => event.type === 'request.failed')
    expect(failed).toMatchObject({ requestId: error!.requestId, error: { message: 'the password is swordfish' } })
  })
})

describe('how it ends', () => {
  test('a redirect is thrown on, and what was written is kept and revalidated', async () => {
    const seen = await it.app.recording(() =>
      alice()
        .run(() => ending(() => redirect('/customers'))({ name: 'kept' }))
        .catch((error: unknown) => error),
    )
    expect(seen.answer).toMatchObject({ digest: expect.stringContaining('NEXT_REDIRECT') as string })
    expect(seen.changed).toEqual(['customers'])
    expect(seen.events).toContainEqual(
      expect.objectContaining({ type: 'action.revalidated', paths: ['/customers'], tags: ['customers'] }),
    )
    expect(seen.events).toContainEqual(expect.objectContaining({ type: 'request.answered', status: 303, code: null }))
  })

  test.each([
    ['notFound()', notFound, 404],
    ['forbidden()', () => httpError(403), 403],
  ])('%s is thrown on, and undoes what was written', async (_name, end, status) => {
    const seen = await it.app.recording(() =>
      alice()
        .run(() => ending(end)({ name: 'undone' }))
        .catch((error: unknown) => error),
    )
    expect(seen.answer).toMatchObject({ digest: expect.stringContaining('NEXT_') as string })
    expect(seen.changed).toEqual([])
    expect(seen.events.some(({ type }) => type === 'action.revalidated')).toBe(false)
    expect(seen.events).toContainEqual(expect.objectContaining({ type: 'request.answered', status }))
  })

  test('an error that only looks like a redirect is an error', async () => {
    const looks = Object.assign(new Error('no'), { digest: 'NEXT_REDIRECT;x;/evil' })
    const seen = await it.app.recording(() => alice().run(() => ending(() => raise(looks))({ name: 'undone' })))
    expect((seen.answer as ActionResult<unknown>).error?.code).toBe('internal')
    expect(seen.changed).toEqual([])
  })

  test('what could not be made final is no redirect', async () => {
    const fails = action({ input: CustomerInput }, async ({ db, input }) => {
      await db.customers.create(input)
      await db.customers.create({ ...input, name: null as never }).catch(() => {})
      redirect('/customers')
    })
    const seen = await it.app.recording(() => alice().run(() => fails({ name: 'undone' })))
    expect((seen.answer as ActionResult<unknown>).error?.code).toBe('internal')
    expect(seen.changed).toEqual([])
  })

  test('what was cached is made anew after the commit, by what was done', async () => {
    const made = action(
      {
        input: CustomerInput,
        revalidate: ({ data, input }) => ({
          paths: [`/c/${(data as { id: string }).id}`],
          tags: [(input as { name: string }).name],
        }),
      },
      create(customers),
    )
    const seen = await it.app.recording(() => alice().run(() => made({ name: 'z' })))
    const { id } = dataOf(seen.answer)
    expect(seen.events).toContainEqual(
      expect.objectContaining({ type: 'action.revalidated', paths: [`/c/${id}`], tags: ['z'] }),
    )
  })

  test('and not where it fails', async () => {
    const seen = await it.app.recording(() =>
      alice().run(() => ending(() => raise(new Error('x')))({ name: 'undone' })),
    )
    expect(seen.changed).toEqual([])
    expect(seen.events.some(({ type }) => type === 'action.revalidated')).toBe(false)
  })

  test('a cache that can’t be told does not undo what was done', async () => {
    const made = action({ input: CustomerInput, revalidate: () => raise(new Error('cache')) }, create(customers))
    const seen = await it.app.recording(() => alice().run(() => made({ name: 'kept' })))
    expect(seen.answer.error).toBeUndefined()
    expect(seen.events).toContainEqual(expect.objectContaining({ type: 'request.failed' }))
  })
})

describe('how often', () => {
  test('a limit is counted by its name, and says nothing more', async () => {
    const slow = action({ name: 'slow', rateLimit: { limit: 1, per: 'hour' } }, () => void (called += 1))
    expect(await alice().run(() => slow())).toEqual({ data: null })
    expect((await alice().run(() => slow(), { headers: { referer: 'http://localhost/other' } })).error?.code).toBe(
      'rate-limited',
    )
    expect(await bob().run(() => slow())).toEqual({ data: null })
  })
})

describe('refused when it is defined', () => {
  const Renamed = Id.transform(({ id }) => ({ invoice: id }))
  const any = action as never as (slots: object, does: unknown) => unknown
  test.each([
    ['a slot of an endpoint', { body: CustomerInput }, nothing, /action\(\) has no slot "body"/],
    ['reading', { input: Id, owns: invoices }, row(), /row\(\) reads/],
    ['an id of which nothing is said', { input: Id }, nothing, /has an id: say one of owns/],
    ['one that is called otherwise later', { input: Renamed }, nothing, /has an id: say one of owns/],
    ['owning what nothing names', { owns: invoices }, nothing, /need input/],
    ['a row that no field names', { input: CustomerInput, owns: invoices }, nothing, /no field id .* it has name, /],
    ['a field that there is not', { input: Id, owns: { table: invoices, param: 'nope' } }, nothing, /no field nope/],
    ['a limit without a name', { rateLimit: { limit: 1, per: 'hour' } }, nothing, /needs a name/],
    ['bound fields of no input', { bind: ['id'] }, nothing, /bind needs input/],
    ['a bound field twice', { input: Id, owns: invoices, bind: ['id', 'id'] }, nothing, /each once/],
    ['a prototype as a field', { input: Id, owns: invoices, bind: ['__proto__'] }, nothing, /each once/],
    ['what is no path', { revalidate: 'posts' }, nothing, /revalidate takes a path/],
    ['public and owns', { public: 'x', owns: invoices }, nothing, /public goes with neither/],
    ['create without input', {}, create(customers), /create\(\) needs input/],
    ['a name with spaces', { name: 'a b' }, nothing, /name takes/],
  ])('%s', (_name, slots, does, sentence) => expect(() => any(slots, does)).toThrow(sentence))
})

test('without a framework, and outside of a test, it says what is missing', async () => {
  const alone = createBackend({ database: database({ schema: {}, directory: 'memory://' }), auth: () => null })
  await expect(alone.action({ public: 'a test' }, () => null)()).rejects.toThrow(/host: next\(\)/)
})

function raise(error: unknown): never {
  throw error
}

/** `forbidden()` wants a flag of Next.js to be set; this is what it throws then. */
function httpError(status: number): never {
  expect(forbidden).toBeTypeOf('function')
  throw Object.assign(new Error(`NEXT_HTTP_ERROR_FALLBACK;${status}`), { digest: `NEXT_HTTP_ERROR_FALLBACK;${status}` })
}
