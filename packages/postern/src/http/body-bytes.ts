import { problem } from '../problems.js'

/**
 * Reads a body of at most `maxBytes` bytes. Throws the problem `too-large`, found while reading: `content-length` may lie
 * or be absent.
 */
export async function readBytes(request: Request, maxBytes: number): Promise<Buffer> {
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) throw problem('too-large')
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of (request.body ?? []) as unknown as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength
    if (size > maxBytes) throw problem('too-large')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
