/** What a parameter travels as: text, bytes, or NULL. */
export type BoundValue = string | Buffer | null

/**
 * Messages to PostgreSQL, one behind the other in one buffer, so that they leave in one write. Handed to the socket one by one
 * they cost a queue entry each, and the kernel a list (seven for a read).
 *
 * Source: PostgreSQL's documentation, "Message Formats": a letter, the length without it, what is said.
 */
export class FrontendMessages {
  #bytes = Buffer.allocUnsafe(FIRST_SIZE)
  #end = 0

  parse(name: string, text: string): void {
    const start = this.#begin(PARSE)
    this.#text(name)
    this.#text(text)
    this.#int16(0)
    this.#finish(start)
  }

  /** Of the unnamed portal; what comes back is text. */
  bind(name: string, values: readonly BoundValue[]): void {
    const start = this.#begin(BIND)
    this.#text('')
    this.#text(name)
    this.#formats(values)
    this.#int16(values.length)
    for (const value of values) this.#value(value)
    this.#int16(0)
    this.#finish(start)
  }

  describe(): void {
    this.#add(DESCRIBE)
  }

  execute(): void {
    this.#add(EXECUTE)
  }

  /** Forgets a statement; one that is not there is no mistake. */
  close(name: string): void {
    const start = this.#begin(CLOSE)
    this.#bytes[this.#end++] = STATEMENT
    this.#text(name)
    this.#finish(start)
  }

  sync(): void {
    this.#add(SYNC)
  }

  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#end)
  }

  /** No codes at all: everything is text. */
  #formats(values: readonly BoundValue[]): void {
    if (values.every((value) => typeof value !== 'object' || value === null)) return this.#int16(0)
    this.#int16(values.length)
    for (const value of values) this.#int16(typeof value === 'object' && value !== null ? 1 : 0)
  }

  #value(value: BoundValue): void {
    if (value === null) return this.#int32(-1)
    if (typeof value !== 'string') {
      this.#int32(value.length)
      return this.#add(value)
    }
    this.#reserve(4 + value.length * LONGEST_UTF8)
    const length = this.#bytes.write(value, this.#end + 4)
    this.#bytes.writeInt32BE(length, this.#end)
    this.#end += 4 + length
  }

  #text(text: string): void {
    this.#reserve(text.length * LONGEST_UTF8 + 1)
    if (text !== '') this.#end += this.#bytes.write(text, this.#end)
    this.#bytes[this.#end++] = 0
  }

  #int16(value: number): void {
    this.#reserve(2)
    this.#end = this.#bytes.writeUInt16BE(value, this.#end)
  }

  #int32(value: number): void {
    this.#reserve(4)
    this.#end = this.#bytes.writeInt32BE(value, this.#end)
  }

  #add(bytes: Buffer): void {
    this.#reserve(bytes.length)
    this.#bytes.set(bytes, this.#end)
    this.#end += bytes.length
  }

  /** Where its length will be written. */
  #begin(letter: number): number {
    this.#reserve(6)
    this.#bytes[this.#end] = letter
    this.#end += 5
    return this.#end - 4
  }

  #finish(start: number): void {
    this.#bytes.writeInt32BE(this.#end - start, start)
  }

  #reserve(length: number): void {
    if (this.#end + length <= this.#bytes.length) return
    const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#end + length))
    this.#bytes.copy(larger, 0, 0, this.#end)
    this.#bytes = larger
  }
}

const codeOf = (letter: string) => letter.charCodeAt(0)
const [PARSE, BIND, CLOSE, STATEMENT] = [codeOf('P'), codeOf('B'), codeOf('C'), codeOf('S')]
/** Of the unnamed portal. */
const DESCRIBE = Buffer.from('D\0\0\0\x06P\0', 'latin1')
/** Of the unnamed portal, all rows. */
const EXECUTE = Buffer.from('E\0\0\0\x09\0\0\0\0\0', 'latin1')
const SYNC = Buffer.from('S\0\0\0\x04', 'latin1')

/** A UTF-16 unit becomes three bytes at most; what takes four has two units. */
const LONGEST_UTF8 = 3
/** Most reads by key need some 500 bytes. */
const FIRST_SIZE = 1024
