import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { watchConnections } from './connections.js'
import { refusalParts } from './refusal-parts.js'

const server = createServer()
const connections = watchConnections(server, (refusal) => refusalParts(refusal, 'an-id-of-a-test'))
afterEach(() => {
  server.removeAllListeners('close')
  connections.closeAll()
})

/** A request on a connection of its own, and what its answer is written to. */
async function ask() {
  if (!server.listening) await once(server.listen(0, '127.0.0.1').unref(), 'listening')
  const arrives = once(server, 'request')
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  socket.on('error', () => {})
  socket.write('GET / HTTP/1.1\r\nhost: test\r\n\r\n')
  const response = (await arrives)[1] as ServerResponse
  return { socket, response }
}

test('who waits is told that the client left, each of them, and not one who has stopped to ask', async () => {
  const { socket, response } = await ask()
  const told: string[] = []
  connections.whenLeft(response, () => told.push('first'))
  connections.whenLeft(response, () => told.push('second'))()
  connections.whenLeft(response, () => told.push('third'))
  const closed = once(response, 'close')
  socket.destroy()
  await closed
  expect(told).toEqual(['first', 'third'])
})

test('who asks when the client has left already is told at once', async () => {
  const { socket, response } = await ask()
  const closed = once(response, 'close')
  socket.destroy()
  await closed
  const told: string[] = []
  connections.whenLeft(response, () => told.push('late'))
  expect(told).toEqual(['late'])
})

test('a client that has its answer and goes has not left', async () => {
  const { socket, response } = await ask()
  const told: string[] = []
  connections.whenLeft(response, () => told.push('left'))
  const closed = once(response, 'close')
  response.end('done')
  await closed
  socket.destroy()
  expect([told, connections.answering]).toEqual([[], 0])
})
