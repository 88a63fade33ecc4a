import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../support/postgres.js'

const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1e6))
const HTTP = '../../packages/postern/src/http'
const SERVER = '../../packages/postern/src/server'
/** Every module that a sabotage takes the place of. */
const BROKEN = [
  `${HTTP}/json-limits.js`,
  `${HTTP}/reserved-names.js`,
  `${HTTP}/body-bytes.js`,
  `${HTTP}/json-body.js`,
  `${SERVER}/head-refusal.js`,
  `${SERVER}/broken-requests.js`,
]

let place: TestDatabase
const caught: string[] = []
beforeAll(async () => {
  place = await createTestDatabase()
  const { prepare } = await import('./target.js')
  await prepare(place)
  // Else the first sabotage would come too late for modules that are loaded.
  vi.resetModules()
})
afterEach(() => {
  for (const module of BROKEN) vi.doUnmock(module)
  vi.resetModules()
})
afterAll(async () => {
  process.stdout.write(`\n${caught.join('\n')}\n`)
  await place.drop()
})

interface Sabotage {
  readonly what: string
  /** Breaks one module before the backend is loaded. */
  readonly breaks?: () => void
  readonly limits?: Record<string, number>
  /** Which part of the campaign must find it, and in which words. */
  readonly by: 'requests' | 'wire' | 'slow'
  readonly says: RegExp
}

type JsonLimits = typeof import('../../packages/postern/src/http/json-limits.js')

/** `jsonRefusal` without what one of its sentences says. */
const overlooking = (sentence: string) => () =>
  vi.doMock(`${HTTP}/json-limits.js`, async (actual: () => Promise<JsonLimits>) => {
    const { jsonRefusal } = await actual()
    const blind: JsonLimits['jsonRefusal'] = (text, limits) => {
      const refusal = jsonRefusal(text, limits)
      return refusal === sentence ? null : refusal
    }
    return { jsonRefusal: blind }
  })

const TAKEN = /took what must be refused|got what its schema or a limit refuses/

const sabotages: readonly Sabotage[] = [
  { what: 'JSON of any depth', breaks: overlooking('This is nested too deeply'), by: 'requests', says: TAKEN },
  { what: 'fields that stand twice', breaks: overlooking('A field stands here twice'), by: 'requests', says: TAKEN },
  {
    what: 'any number of fields',
    breaks: overlooking('There are too many fields in an object here'),
    by: 'requests',
    says: TAKEN,
  },
  {
    what: 'any number of items',
    breaks: overlooking('There are too many items in a list here'),
    by: 'requests',
    says: TAKEN,
  },
  {
    what: '__proto__ as a name',
    breaks: () => vi.doMock(`${HTTP}/reserved-names.js`, () => ({ isReservedName: () => false })),
    by: 'requests',
    says: TAKEN,
  },
  {
    what: 'a body of any size',
    breaks: () =>
      vi.doMock(`${HTTP}/body-bytes.js`, () => ({
        readBytes: async (request: Request) => Buffer.from(await request.arrayBuffer()),
      })),
    by: 'requests',
    says: TAKEN,
  },
  {
    what: 'the message of an error as the answer',
    breaks: () =>
      vi.doMock(`${HTTP}/json-body.js`, async () => {
        const { problem } = await import('../../packages/postern/src/problems.js')
        const readJson = async (request: Request) => {
          const text = await request.text()
          try {
            return JSON.parse(text) as unknown
          } catch (error) {
            throw problem('invalid', (error as Error).message)
          }
        }
        return { readJson }
      }),
    by: 'requests',
    says: /echoed|took what must be refused/,
  },
  {
    what: 'any Host, and any target',
    breaks: () => vi.doMock(`${SERVER}/head-refusal.js`, () => ({ headRefusal: () => null })),
    by: 'wire',
    says: /took what must be refused/,
  },
  {
    what: 'what Node writes itself when its parser gives up',
    breaks: () => vi.doMock(`${SERVER}/broken-requests.js`, () => ({ answerBrokenRequests: () => {} })),
    by: 'wire',
    says: /no problem document|took what must be refused|no answer|without its id/,
  },
  {
    what: 'headers that may take for ever',
    limits: { headersMs: 600_000, receiveMs: 600_000 },
    by: 'slow',
    says: /never let go/,
  },
]

describe('a broken build is found out', { timeout: 240_000 }, () => {
  test.each(sabotages)('$what', async ({ what, breaks, limits = {}, by, says }) => {
    breaks?.()
    const { hostileTarget } = await import('./target.js')
    const target = await hostileTarget(place, limits)
    try {
      const found = await campaigns[by](target)
      expect(found.join('\n')).toMatch(says)
      caught.push(`  ${what.padEnd(52)} found by ${by}`)
    } finally {
      await target.close()
    }
  })
})

test('the control: a build that nobody broke is not', { timeout: 240_000 }, async () => {
  const { hostileTarget } = await import('./target.js')
  for (const [by, limits] of [['requests'], ['wire'], ['slow', { headersMs: 1_000 }]] as const) {
    const target = await hostileTarget(place, limits)
    const found = await campaigns[by](target).finally(() => target.close())
    expect(found).toEqual([])
  }
})

type Target = Awaited<ReturnType<(typeof import('./target.js'))['hostileTarget']>>

const campaigns: Record<Sabotage['by'], (target: Target) => Promise<readonly string[]>> = {
  async requests({ send, watch }) {
    const { requestsCampaign } = await import('./requests-campaign.js')
    return (await requestsCampaign({ seed, inputs: 3_000, send, watch, untilFound: true })).broken
  },
  async wire({ port, watch }) {
    const { wireCampaign } = await import('./wire-campaign.js')
    return (await wireCampaign({ seed, cases: 500, port, watch, untilFound: true })).broken
  },
  async slow({ port }) {
    const { slowClients } = await import('./slow-clients.js')
    const { stillOpen } = await slowClients({ kind: 'headers', clients: 20, port, limitMs: 1_000, patienceMs: 8_000 })
    return stillOpen > 0 ? [`${stillOpen} were never let go`] : []
  },
}
