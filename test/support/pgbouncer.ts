import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chown, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from './free-port.js'
import { unprivileged } from './unprivileged.js'

/** A running PgBouncer in transaction mode, which knows the logins of the tests. */
export interface PgBouncer {
  readonly port: number
  stop(): Promise<void>
}

/** Starts PgBouncer in front of the PostgreSQL at `port`; `users` are login → password. */
export async function startPgBouncer(
  program: string,
  port: number,
  users: Readonly<Record<string, string>>,
): Promise<PgBouncer> {
  const folder = await mkdtemp(join(tmpdir(), 'postern-pgbouncer-'))
  const listens = await freePort()
  const files = { 'pgbouncer.ini': settings(folder, port, listens), 'users.txt': userList(users) }
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text, { mode: 0o644 })
  const user = unprivileged()
  if (user !== undefined) await chown(folder, user.uid, user.gid)
  const pooler = spawn(program, [join(folder, 'pgbouncer.ini')], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
    ...user,
  })
  // It keeps nothing, and what the gentler signals mean has changed between its versions.
  const kill = () => void pooler.kill('SIGKILL')
  process.once('exit', kill)
  await ready(pooler)
  return {
    port: listens,
    async stop() {
      process.removeListener('exit', kill)
      const exited = once(pooler, 'exit')
      kill()
      await exited
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/**
 * Few sessions for many clients, given out in turn: what one request leaves behind, another finds. `server_login_retry` keeps a
 * refused login of one test from being the answer to the next one.
 */
function settings(folder: string, port: number, listens: number): string {
  return `[databases]
* = host=127.0.0.1 port=${port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${listens}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = ${join(folder, 'users.txt')}
pool_mode = transaction
default_pool_size = 3
max_client_conn = 300
server_round_robin = 1
server_login_retry = 1
log_connections = 0
log_disconnections = 0
`
}

function userList(users: Readonly<Record<string, string>>): string {
  return Object.entries(users)
    .map(([name, password]) => `"${name}" "${password}"\n`)
    .join('')
}

async function ready(pooler: ChildProcess): Promise<void> {
  let log = ''
  await new Promise<void>((resolve, reject) => {
    pooler.stderr!.on('data', (chunk: Buffer) => {
      log += chunk.toString()
      if (log.includes('process up')) resolve()
    })
    pooler.once('error', reject)
    pooler.once('exit', () => reject(new Error(`PgBouncer for the tests did not start:\n${log}`)))
  })
  pooler.stderr!.removeAllListeners('data').resume()
}
