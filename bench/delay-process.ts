import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** A wire to PostgreSQL that is longer than it is: what arrives is passed on half of `DELAY_MS` later, in either direction. */
const target = new URL(process.env['DATABASE_URL']!)
const half = Number(process.env['DELAY_MS']) / 2

const server = createServer((client) => {
  const upstream = connect(Number(target.port), target.hostname)
  passOn(client, upstream)
  passOn(upstream, client)
})
server.listen(0, '127.0.0.1', () => process.send!({ port: (server.address() as AddressInfo).port }))
process.on('disconnect', () => process.exit())

/** Timers of one length run in the order in which they were set, so nothing overtakes. */
function passOn(from: Socket, to: Socket): void {
  from.setNoDelay(true).on('error', () => {})
  from.on('data', (chunk) => void setTimeout(() => to.write(chunk), half))
  from.on('close', () => to.destroy())
}
