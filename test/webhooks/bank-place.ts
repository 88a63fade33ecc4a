import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { applyMigrations, database } from '../../packages/postern/src/database/index.js'
import { schema } from '../../packages/postern/test/bank-schema.js'
import { delivery } from '../../packages/postern/test/hmac-signer.js'
import { schemaSql } from '../../packages/postern/test/schema-sql.js'
import { execute } from '../support/execute.js'
import { freePort } from '../support/free-port.js'
import { createTestDatabase, type TestDatabase } from '../support/postgres.js'
import type { PostgresServer } from '../support/postgres-server.js'
import { LOGIN, loginsSql, OWNER, PASSWORDS } from '../support/test-logins.js'
import type { Served } from './served-program.js'

/** A database with the bank's tables, looked at from outside. */
export interface BankPlace extends TestDatabase {
  sql(text: string): Promise<Record<string, unknown>[]>
  /** How often each event has had its effect. */
  effects(): Promise<Map<string, number>>
}

export async function bankPlace(): Promise<BankPlace> {
  return bankIn(await createTestDatabase())
}

/** The same on a PostgreSQL of the caller's own, which it may kill. */
export async function bankPlaceOn({ adminUrl, port }: Pick<PostgresServer, 'adminUrl' | 'port'>): Promise<BankPlace> {
  const name = 'bank'
  const at = (login: keyof typeof PASSWORDS) => `postgres://${login}:${PASSWORDS[login]}@127.0.0.1:${port}/${name}`
  await execute(adminUrl, loginsSql(180_000))
  await execute(adminUrl, `create database ${name} owner ${OWNER}`)
  await execute(at('postgres'), `alter schema public owner to ${OWNER}`)
  return bankIn({ url: at(LOGIN), migrationUrl: at(OWNER), adminUrl: at('postgres'), name, drop: async () => {} })
}

async function bankIn(place: TestDatabase): Promise<BankPlace> {
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
  const { child, exited, said, ...bank } = await spawnBank(file, served)
  const first = await Promise.race([once(child, 'message').then(() => 'listening'), exited.then(() => 'ended')])
  if (first === 'ended') throw new Error(`The bank did not start:\n${said()}`)
  return { ...bank, exited }
}

/** The same for one that ends itself, perhaps before it listens. */
export async function startDoomed(file: string, served: Omit<Served, 'port'>): Promise<BankProcess> {
  return spawnBank(file, served)
}

async function spawnBank(file: string, served: Omit<Served, 'port'>) {
  const port = await freePort()
  const argument = JSON.stringify({ ...served, port } satisfies Served)
  const child: ChildProcess = spawn(process.execPath, [file, argument], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
  let said = ''
  child.stderr!.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-4_000)))
  const exited = once(child, 'exit')
  return {
    child,
    exited,
    said: () => said,
    url: `http://127.0.0.1:${port}`,
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

/** As a provider does: sends it again until it hears 2xx. Answers how often that was. */
export async function deliverUntilHeard(
  bank: Pick<BankProcess, 'url'>,
  path: string,
  body: object,
  { everyMs = 50, patienceMs = 60_000 } = {},
): Promise<number> {
  const until = performance.now() + patienceMs
  for (let sent = 1; performance.now() < until; sent += 1) {
    const answer = await deliver(bank, path, body)
    if (answer?.status === 200) return sent
    await pause(everyMs)
  }
  throw new Error(`Nothing was answered with 200 for ${patienceMs} ms: ${JSON.stringify(body)}`)
}
