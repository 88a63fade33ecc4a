import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { applyMigrations, database } from '../../packages/postern/src/database/index.js'
import { schema } from '../../packages/postern/test/bank-schema.js'
import { delivery } from '../../packages/postern/test/hmac-signer.js'
import { schemaSql } from '../../packages/postern/test/schema-sql.js'
import { execute } from '../support/execute.js'
import { freePort } from '../support/free-port.js'
import { createTestDatabase, type TestDatabase } from '../support/postgres.js'
import type { Served } from './served-program.js'

/** A database with the bank's tables, looked at from outside. */
export interface BankPlace extends TestDatabase {
  sql(text: string): Promise<Record<string, unknown>[]>
  /** How often each event has had its effect. */
  effects(): Promise<Map<string, number>>
}

export async function bankPlace(): Promise<BankPlace> {
  const place = await createTestDatabase()
  await prepareBank(place)
  const sql = (text: string) => execute(place.adminUrl, text)
  return {
    ...place,
    sql,
    async effects() {
      const rows = await sql('select event, count(*)::int as times from entries group by event')
      return new Map(rows.map(({ event, times }) => [String(event), Number(times)]))
    },
  }
}

export async function prepareBank(place: { readonly url: string; readonly migrationUrl: string }): Promise<void> {
  const db = database({ schema, url: place.url, migrationUrl: place.migrationUrl })
  await applyMigrations(db, '/nowhere/at/all')
  const script = await schemaSql(schema)
  await db.asOwner((owner) => owner.script(script))
  await db.close()
}

/** One process of the bank. */
export interface BankProcess {
  readonly url: string
  readonly exited: Promise<unknown>
  kill(): Promise<void>
}

export async function startBank(file: string, served: Omit<Served, 'port'>): Promise<BankProcess> {
  const port = await freePort()
  const argument = JSON.stringify({ ...served, port } satisfies Served)
  const child: ChildProcess = spawn(process.execPath, [file, argument], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
  let said = ''
  child.stderr!.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-4_000)))
  const exited = once(child, 'exit')
  const first = await Promise.race([once(child, 'message').then(() => 'listening'), exited.then(() => 'ended')])
  if (first === 'ended') throw new Error(`The bank did not start:\n${said}`)
  return {
    url: `http://127.0.0.1:${port}`,
    exited,
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill('SIGKILL')
      await exited
    },
  }
}

/** Sends one event, signed; `null` where the connection broke before there was an answer. */
export async function deliver(
  { url }: Pick<BankProcess, 'url'>,
  path: string,
  body: object,
): Promise<{ readonly status: number; readonly ms: number; readonly body: { readonly status?: string } } | null> {
  const { headers, body: stream } = delivery(path, body)
  const began = performance.now()
  try {
    const bytes = await new Response(stream).arrayBuffer()
    const response = await fetch(new URL(path, url), { method: 'POST', headers, body: bytes })
    const answer = (await response.json()) as { readonly status?: string }
    return {
      status: response.status,
      ms: performance.now() - began,
      body: answer,
    }
  } catch {
    return null
  }
}

export function payment(id: string, more: object = {}): object {
  return { id, type: 'payment.made', data: { account: id, amount: 1, ...more } }
}
