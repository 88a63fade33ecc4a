import { readBytes } from './http/body-bytes.js'
import { requestProtocol } from './http/protocol.js'
import { problem } from './problems.js'
import type { Delivery } from './signers/signer.js'
import type { WebhookPlan } from './webhook-plan.js'

/** What the handler of a webhook must know of its surroundings to read a delivery. */
interface Surroundings {
  readonly trustProxy: number
  /** How long a body may take to arrive, in milliseconds. */
  readonly receiveMs: number
}

/**
 * The request as the provider sent it: the bytes of its body, before anything has read them. Throws the problems `too-large`,
 * found before the whole of it is held, and `request-timeout`; and `BodyConsumed` where something in front has read the body.
 */
export async function readDelivery(request: Request, plan: WebhookPlan, around: Surroundings): Promise<Delivery> {
  if (request.bodyUsed) throw new BodyConsumed()
  const body = await inTime(readBytes(request, plan.maxBodyBytes), around.receiveMs)
  // What a parser in front has eaten is empty, and the signature of nothing might even hold.
  if (body.length === 0 && Number(request.headers.get('content-length') ?? 0) > 0) throw new BodyConsumed()
  return { method: request.method, url: addressOf(request, plan, around.trustProxy), headers: request.headers, body }
}

/** The body of a request to a webhook was read before it came there: a fault of the configuration, and not of the provider. */
export class BodyConsumed extends TypeError {
  override readonly name = 'BodyConsumed'

  constructor() {
    super(
      'The body was read before it came to the webhook, so its signature can’t be verified: take the body parser or middleware in front of this path away',
    )
  }
}

/**
 * The address as the provider called it: TLS ends at a proxy, and the name may too.
 *
 * **Security:** what a proxy says of both is believed as far as `trustProxy` says, because some providers sign the address.
 */
function addressOf(request: Request, { url }: WebhookPlan, trustProxy: number): string {
  const asked = new URL(request.url)
  if (url !== null) {
    const said = new URL(url)
    if (said.search === '') said.search = asked.search
    return said.href
  }
  if (trustProxy === 0) return request.url
  asked.protocol = requestProtocol(request, trustProxy)
  const names = request.headers.get('x-forwarded-host')?.split(',') ?? []
  const name = names[Math.max(0, names.length - trustProxy)]?.trim()
  if (name !== undefined && /^[\w.-]+(?::\d{1,5})?$/.test(name)) {
    // Without a port of its own the one that the proxy talks to would stay.
    asked.port = ''
    asked.host = name
  }
  return asked.href
}

async function inTime<T>(reading: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(problem('request-timeout')), ms)
  })
  try {
    return await Promise.race([reading, late])
  } finally {
    clearTimeout(timer)
  }
}

/** Whether fewer or more bytes came than the client had declared: then something in front has changed them. */
export function isChanged({ headers, body }: Delivery): boolean {
  const declared = headers.get('content-length')
  return declared !== null && Number(declared) !== body.length
}
