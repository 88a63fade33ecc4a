import { subscribe } from 'node:diagnostics_channel'
import { writeSync } from 'node:fs'
import type { Socket } from 'node:net'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { serve, type ServeOptions } from '../../packages/postern/src/server/serve.js'
import { noticeboard, type NoticeboardOptions } from './noticeboard.js'
import { sabotages, type SabotageName } from './server-sabotages.js'

/** What a served process is told, as JSON in its first argument. */
export interface ProcessOptions {
  readonly board: NoticeboardOptions
  readonly serve?: Pick<ServeOptions, 'graceMs' | 'maxInFlight'>
  readonly sabotage?: SabotageName
}

const { board, sabotage, ...options } = JSON.parse(process.argv[2]!) as ProcessOptions
const { backend, routes } = noticeboard(board)
if (sabotage !== undefined) sabotages[sabotage](backend)
// A client cannot know whether its connection was taken or only waited in the kernel: the server tells when it ends.
const taken: (number | undefined)[] = []
subscribe('net.server.socket', (message) => void taken.push((message as { socket: Socket }).socket.remotePort))
process.on('exit', () => void writeSync(1, `${JSON.stringify({ taken })}\n`))
const delay = monitorEventLoopDelay({ resolution: 10 })
const server = await serve({ backend, routes, port: 0, logs: false, signals: true, ...options.serve })
process.stdout.write(`${JSON.stringify({ port: server.port })}\n`)
process.on('message', (question) => {
  if (question !== 'state') return
  // The histogram holds the interval too.
  const eventLoopP99 = delay.percentile(99) / 1e6 - 10
  process.send?.({ rss: process.memoryUsage.rss(), eventLoopP99 })
})
delay.enable()
