import { Duplex } from 'node:stream'

/** The part of PGlite that is used: PostgreSQL's protocol in, PostgreSQL's protocol out. */
export interface Backend {
  execProtocolRaw(message: Uint8Array): Promise<Uint8Array>
}

/** After these PostgreSQL answers: Query, Sync, Flush, PasswordMessage, CopyDone and CopyFail. */
const ANSWERED = new Set([...'QSHpcf'].map((letter) => letter.charCodeAt(0)))
const TERMINATE = 'X'.charCodeAt(0)

/**
 * The embedded database, spoken to as over a socket: node-postgres cannot tell the difference, so both drivers are one.
 * Messages are gathered until one that PostgreSQL answers, whatever pieces they come in.
 */
export class PgliteStream extends Duplex {
  readonly #backend: Backend
  #pending: Buffer = Buffer.alloc(0)
  #started = false

  constructor(backend: Backend) {
    super()
    this.#backend = backend
  }

  connect(): this {
    queueMicrotask(() => this.emit('connect'))
    return this
  }

  setNoDelay(): void {}
  setKeepAlive(): void {}
  ref(): void {}
  unref(): void {}

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    void this.#take(chunk, done)
  }

  override _writev(chunks: { chunk: Buffer }[], done: (error?: Error | null) => void): void {
    void this.#take(Buffer.concat(chunks.map(({ chunk }) => chunk)), done)
  }

  override _final(done: () => void): void {
    this.push(null)
    done()
  }

  async #take(bytes: Buffer, done: (error?: Error | null) => void): Promise<void> {
    try {
      await this.#exchange(bytes)
      done()
    } catch (error) {
      done(error as Error)
    }
  }

  async #exchange(bytes: Buffer): Promise<void> {
    this.#pending = this.#pending.length === 0 ? bytes : Buffer.concat([this.#pending, bytes])
    const complete = this.#complete()
    if (complete === 0) return
    const message = this.#pending.subarray(0, complete)
    this.#pending = this.#pending.subarray(complete)
    const answer = await this.#backend.execProtocolRaw(new Uint8Array(message))
    if (!this.destroyed) this.push(Buffer.from(answer))
  }

  /** How many of the pending bytes end with a message that is answered. Terminate is dropped: it would end the one backend there is. */
  #complete(): number {
    let complete = 0
    for (let at = 0; ;) {
      const head = this.#started ? 5 : 4
      if (this.#pending.length < at + head) return complete
      const end = at + this.#pending.readInt32BE(at + head - 4) + head - 4
      if (this.#pending.length < end) return complete
      const letter = this.#started ? this.#pending[at]! : -1
      if (letter === TERMINATE) {
        this.#pending = this.#pending.subarray(0, at)
        return complete
      }
      if (letter === -1 || ANSWERED.has(letter)) complete = end
      this.#started = true
      at = end
    }
  }
}
