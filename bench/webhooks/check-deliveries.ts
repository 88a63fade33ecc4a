import { deliveryOf, signed, type SignedDelivery, WEBHOOK_PATH } from './deliveries.js'
import type { DeliveryData } from './delivery-data.js'

const HOUR_MS = 3_600_000

/** A server that is quick because it leaves something out would win: throws where one does not do what all must. */
export async function checkDeliveries(name: string, url: string, data: Pick<DeliveryData, 'effects'>): Promise<void> {
  const send = async ({ body, headers }: SignedDelivery) => {
    const response = await fetch(url + WEBHOOK_PATH, { method: 'POST', headers, body })
    await response.arrayBuffer()
    return response.status
  }
  const before = await data.effects()
  const demand = async (holds: boolean, effects: number, what: string) => {
    const { done, paid } = await data.effects()
    if (holds && done - before.done === effects && paid - before.paid === effects) return
    throw new Error(`${name} does not do what all must: ${what}`)
  }
  const now = Date.now()
  const [first, second] = [deliveryOf(1, now), deliveryOf(2, now)]
  await demand((await send(first)) === 200, 1, 'an event has its effect before it is answered')
  await demand((await send(first)) === 200, 1, 'its copy has none')
  const copies = await Promise.all(Array.from({ length: 20 }, () => send(second)))
  await demand(copies.includes(200), 2, 'twenty copies at the same moment have one')

  const { body } = deliveryOf(3, now)
  const { headers } = signed(body, now)
  await demand((await send({ headers, body: body.replace('5831', '1') })) === 401, 2, 'what was changed is refused')
  await demand((await send(signed(body, now, `${'x'.repeat(32)}`))) === 401, 2, 'a foreign signature is refused')
  await demand((await send(signed(body, now - HOUR_MS))) === 401, 2, 'what is an hour old is refused')
  await demand((await send({ headers: {}, body })) === 401, 2, 'what is not signed is refused')
}
