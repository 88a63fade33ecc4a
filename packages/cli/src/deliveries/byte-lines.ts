/**
 * The lines of a stream, without their ends and without those that are blank. Split at line feeds alone: a JSON text may hold
 * the other separators that `node:readline` takes for ends.
 */
export async function* byteLines(stream: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let parts: Uint8Array[] = []
  for await (const chunk of stream) {
    let start = 0
    for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, start)) {
      yield* filled([...parts, chunk.subarray(start, end)])
      parts = []
      start = end + 1
    }
    parts.push(chunk.subarray(start))
  }
  yield* filled(parts)
}

const LINE_FEED = 0x0a

function* filled(parts: readonly Uint8Array[]): Generator<string> {
  const line = Buffer.concat(parts).toString('utf8')
  if (line.trim() !== '') yield line
}
