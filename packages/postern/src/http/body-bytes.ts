import { isProblem, problem } from '../problems.js'
import { isFromSocket } from './from-socket.js'

/**
 * Reads a body of at most `maxBytes` bytes. Throws the problem `too-large`, found while reading: `content-length` may lie
 * or be absent; and `invalid` where the body breaks off.
 */
export async function readBytes(request: Request, maxBytes: number): Promise<Buffer> {
  const declared = request.headers.get('content-length')
  if (Number(declared ?? 0) > maxBytes) throw problem('too-large')
  try {
    // Node's parser hands over no more than was declared, so behind our own server there is nothing to count: read at once.
    if (declared !== null && isFromSocket(request)) return Buffer.from(await request.arrayBuffer())
    return await countedBytes(request, maxBytes)
  } catch (error) {
    if (isProblem(error)) throw error
    // Whoever sent it cut it off or wrote it wrongly. As it is, it would look like a connection of ours that broke: 503.
    const errors = [{ path: 'body', message: 'The body broke off' }]
    throw problem('invalid', undefined, { errors, cause: error })
  }
}

async function countedBytes(request: Request, maxBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of request.body?.values({ preventCancel: true }) ?? []) {
    size += chunk.byteLength
    if (size > maxBytes) {
      // Of a request that was cloned this ends only when the other copy is given up too: so it is not awaited.
      setImmediate(() => request.body?.cancel().catch(() => {}))
      throw problem('too-large')
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
