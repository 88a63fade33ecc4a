import { createHmac } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { checkDeliveries } from '../bench/webhooks/check-deliveries.js'
import { SIGNING_SECRET } from '../bench/webhooks/deliveries.js'

/** What a receiver under comparison could leave out to be quicker. */
type Sabotage = 'no signature' | 'no age' | 'no identity' | 'no effect' | 'a look and then a mark'

let server: Server
afterEach(() => new Promise((resolve) => server.close(resolve)))

/** A receiver over two lists, whole or with something left out. */
async function serveDeliveries(sabotage?: Sabotage) {
  const seen = new Set<string>()
  let [done, paid] = [0, 0]
  const receive = async (body: string, header: string) => {
    const [, time = '', given = ''] = /^t=(\d+),v1=([\da-f]+)/.exec(header) ?? []
    const expected = createHmac('sha256', SIGNING_SECRET).update(`${time}.${body}`).digest('hex')
    if (given !== expected && sabotage !== 'no signature') return 401
    if (Math.abs(Date.now() / 1000 - Number(time)) > 300 && !['no age', 'no signature'].includes(sabotage!)) return 401
    const { id } = JSON.parse(body) as { id: string }
    if (seen.has(id) && sabotage !== 'no identity') return 200
    if (sabotage === 'a look and then a mark') await new Promise((resolve) => setTimeout(resolve, 50))
    seen.add(id)
    done += 1
    if (sabotage !== 'no effect') paid += 1
    return 200
  }
  server = createServer((request, response) => {
    let text = ''
    request.on('data', (chunk: Buffer) => (text += chunk.toString()))
    request.on('end', () => {
      const header = String(request.headers['stripe-signature'] ?? '')
      void receive(text, header).then((status) => response.writeHead(status, { connection: 'close' }).end())
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    data: { effects: async () => ({ done, paid }) },
  }
}

test('a receiver that does all that the others do is measured', async () => {
  const { url, data } = await serveDeliveries()
  await expect(checkDeliveries('whole', url, data)).resolves.toBeUndefined()
})

test.each<[Sabotage, string]>([
  ['no effect', 'an event has its effect before it is answered'],
  ['no identity', 'its copy has none'],
  ['a look and then a mark', 'twenty copies at the same moment have one'],
  ['no signature', 'what was changed is refused'],
  ['no age', 'what is an hour old is refused'],
])('a receiver with %s is not', async (sabotage, what) => {
  const { url, data } = await serveDeliveries(sabotage)
  await expect(checkDeliveries('quick', url, data)).rejects.toThrow(`quick does not do what all must: ${what}`)
})
