import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** A client that says what it likes: no library corrects its lengths or waits for it to be polite. */
export interface RawClient {
  write(bytes: Uint8Array | string): void
  /** Says that nothing more comes, and goes on listening. */
  end(): void
  /** Is gone, without a word. */
  destroy(): void
  /** What was answered until the server closed the connection, or had said as much as `head` needs. */
  answer(): Promise<{ readonly status: number; readonly text: string }>
}

export async function rawClient(port: number): Promise<RawClient> {
  const socket: Socket = connect(port, '127.0.0.1').setNoDelay(true)
  await once(socket, 'connect')
  let said = ''
  let isOver = false
  const heard = new Set<() => void>()
  const tell = () => heard.forEach((listen) => listen())
  // Whoever refuses a body closes while it still comes: that is no failure of the test.
  socket.on('error', () => {})
  socket.on('data', (chunk) => {
    said += chunk.toString('latin1')
    tell()
  })
  socket.on('close', () => {
    isOver = true
    tell()
  })
  return {
    write: (bytes) => void socket.write(bytes),
    end: () => void socket.end(),
    destroy: () => void socket.destroy(),
    answer: () =>
      new Promise((resolve) => {
        const look = () => {
          if (!isOver && !isWhole(said)) return
          heard.delete(look)
          const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(said)?.[1] ?? 0)
          resolve({ status, text: said.slice(said.indexOf('\r\n\r\n') + 4) })
        }
        heard.add(look)
        look()
      }),
  }
}

function isWhole(said: string): boolean {
  const end = said.indexOf('\r\n\r\n')
  if (end === -1) return false
  const length = /\r\ncontent-length: (\d+)/i.exec(said.slice(0, end))?.[1]
  return length !== undefined && said.length >= end + 4 + Number(length)
}

/** The head of a POST, as bytes on the wire. */
export function headOf(path: string, headers: Readonly<Record<string, string | number>>): string {
  const lines = Object.entries({ host: '127.0.0.1', ...headers }).map(([name, value]) => `${name}: ${value}\r\n`)
  return `POST ${path} HTTP/1.1\r\n${lines.join('')}\r\n`
}
