import { completeFor } from '../http/complete.js'

/**
 * Keeps the error of a streamed body away from the client: the adapter would write its message into the answer. The
 * error goes to `onBroken`, and the answer is cut off. A body that is text or bytes already can't break and is left alone.
 */
export function guardBody(response: Response, onBroken: (error: unknown) => void): Response {
  if (completeFor(response) !== undefined) return response
  const stream = streamOf(response)
  return stream === null ? response : new Response(withPlainError(stream, onBroken), response)
}

function streamOf(response: Response): ReadableStream<Uint8Array> | null {
  const unsent = unsentBody(response)
  if (unsent === undefined) return response.body
  return unsent instanceof ReadableStream ? unsent : null
}

// The adapter keeps the body of a Response as it was given, to write it without a stream. To ask for `.body` makes the
// stream after all, on every request; so the body is looked at where the adapter keeps it. Should that place change,
// `.body` is asked, which is slower and as safe.
function unsentBody(response: Response): unknown {
  const key = Object.getOwnPropertySymbols(response).find((symbol) => symbol.description === 'cache')
  const kept: unknown = key && Reflect.get(response, key)
  return Array.isArray(kept) ? (kept[1] ?? null) : undefined
}

function withPlainError(stream: ReadableStream<Uint8Array>, onBroken: (error: unknown) => void) {
  const reader = stream.getReader()
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await reader.read()
        if (done) controller.close()
        else controller.enqueue(value)
      } catch (error) {
        onBroken(error)
        controller.error(new Error('The answer broke off'))
      }
    },
    cancel: (reason) => reader.cancel(reason),
  })
}
