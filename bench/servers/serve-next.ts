import { createServer, type RequestListener } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { announce } from './announce.js'

/** What is used of `next`; its own types would change those of Node.js in the whole repository. */
type Next = (options: { dev: boolean; dir: string; hostname: string; port: number }) => {
  prepare(): Promise<void>
  getRequestHandler(): RequestListener
}

/** A Next.js project that is built, answered by the handler of `next start`, in this process. */
export async function serveNext(project: string): Promise<void> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const dir = `${process.env['BENCH_NEXT']}/${project}`
  const next = createRequire(import.meta.url)('next') as Next
  const app = next({ dev: false, dir, hostname: '127.0.0.1', port })
  await app.prepare()
  const handle = app.getRequestHandler()
  server.on('request', handle)
  announce(port)
}
