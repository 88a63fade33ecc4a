import { expect, test } from 'vitest'
import type { InventoryEntry } from './inventory.js'
import { routesTable } from './routes-table.js'

const plain = { paint: (_format: unknown, text: string) => text }

const ENTRY: InventoryEntry = {
  kind: 'endpoint',
  name: null,
  method: 'POST',
  path: '/api/notes',
  file: 'app/api/notes/route.ts',
  line: 3,
  auth: 'user',
  publicReason: null,
  params: false,
  query: false,
  body: true,
  owns: null,
  sees: null,
  unowned: null,
  paginated: false,
  response: false,
  rateLimit: null,
  idempotent: false,
  provider: null,
}

test('what limits calls, and what may be repeated, is said beside the rows', () => {
  const entries = [
    { ...ENTRY, rateLimit: { limit: 5, per: 'minute' }, idempotent: true },
    { ...ENTRY, method: 'PUT', rateLimit: { limit: 10, per: 90 } },
    { ...ENTRY, method: 'GET' },
  ]
  expect(routesTable(entries, plain).map((line) => line.trimEnd())).toEqual([
    'METHOD  PATH        WHO   ROWS  CALLS                     FILE',
    'POST    /api/notes  user        5 per minute, idempotent  app/api/notes/route.ts:3',
    'PUT     /api/notes  user        10 per 90 s               app/api/notes/route.ts:3',
    'GET     /api/notes  user                                  app/api/notes/route.ts:3',
  ])
})

test('where nothing is limited, no column is spent on it', () => {
  expect(routesTable([ENTRY], plain)[0]?.trimEnd()).toBe('METHOD  PATH        WHO   ROWS  FILE')
})
