import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { TSC } from './compile-fixtures.js'

/** TypeScript's own language server: what an editor asks when someone hovers. */
export interface LanguageServer {
  /** What the editor shows over the name, without its documentation: the name that stands right behind `before`. */
  hover(file: string, before: string, name: string): Promise<string>
  close(): Promise<void>
}

interface Message {
  readonly id?: number
  readonly method?: string
  readonly result?: unknown
  readonly error?: { readonly message: string }
}

export async function startLanguageServer(root: string): Promise<LanguageServer> {
  const server = spawn(process.execPath, [TSC, '--lsp', '--stdio'], { cwd: root })
  const exited = new Promise<void>((resolve) => void server.once('exit', () => resolve()))
  const connection = new Connection(server)
  const rootUri = pathToFileURL(root).href
  // With Markdown the code is fenced off from its documentation.
  const capabilities = { textDocument: { hover: { contentFormat: ['markdown'] } } }
  await connection.ask('initialize', { processId: process.pid, rootUri, capabilities })
  connection.tell('initialized', {})
  const open = new Map<string, string>()

  return {
    async hover(file, before, name) {
      const uri = pathToFileURL(file).href
      if (!open.has(file)) {
        open.set(file, readFileSync(file, 'utf8'))
        const text = open.get(file)!
        connection.tell('textDocument/didOpen', { textDocument: { uri, languageId: 'typescript', version: 1, text } })
      }
      const position = placeOf(open.get(file)!, before, name)
      const answer = await connection.ask('textDocument/hover', { textDocument: { uri }, position })
      return declarationIn(answer)
    },
    async close() {
      await connection.ask('shutdown')
      connection.tell('exit')
      await exited
    },
  }
}

/** JSON-RPC over two pipes, each message behind its Content-Length. */
class Connection {
  readonly #server: ChildProcessWithoutNullStreams
  readonly #waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>()
  #received = Buffer.alloc(0)
  #lastId = 0

  constructor(server: ChildProcessWithoutNullStreams) {
    this.#server = server
    server.stdout.on('data', (chunk: Buffer) => this.#receive(chunk))
    server.once('exit', (code) => {
      for (const { reject } of this.#waiting.values()) reject(new Error(`The language server ended with ${code}`))
    })
  }

  ask(method: string, params?: object): Promise<unknown> {
    const id = ++this.#lastId
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      this.#send({ id, method, params })
    })
  }

  tell(method: string, params?: object): void {
    this.#send({ method, params })
  }

  #send(message: object): void {
    const body = JSON.stringify({ jsonrpc: '2.0', ...message })
    this.#server.stdin.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`)
  }

  #receive(chunk: Buffer): void {
    this.#received = Buffer.concat([this.#received, chunk])
    for (;;) {
      const headEnd = this.#received.indexOf('\r\n\r\n')
      if (headEnd === -1) return
      const length = Number(/Content-Length: (\d+)/i.exec(this.#received.toString('latin1', 0, headEnd))?.[1])
      const bodyEnd = headEnd + 4 + length
      if (this.#received.length < bodyEnd) return
      this.#take(JSON.parse(this.#received.toString('utf8', headEnd + 4, bodyEnd)) as Message)
      this.#received = this.#received.subarray(bodyEnd)
    }
  }

  #take({ id, method, result, error }: Message): void {
    if (id === undefined) return
    // The server asks things too (its configuration, for one); an editor that has nothing to say answers null.
    if (method !== undefined) return this.#send({ id, result: null })
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    if (error === undefined) waiting?.resolve(result)
    else waiting?.reject(new Error(error.message))
  }
}

function placeOf(text: string, before: string, name: string): { line: number; character: number } {
  const start = text.indexOf(before + name)
  if (start === -1) throw new Error(`There is no "${before}${name}" in the file`)
  const upTo = text.slice(0, start + before.length).split('\n')
  return { line: upTo.length - 1, character: upTo.at(-1)!.length }
}

/** The code of a hover; the documentation under it may be as long as it likes. */
function declarationIn(answer: unknown): string {
  const contents = (answer as { contents?: string | { value: string } } | null)?.contents
  const text = typeof contents === 'object' ? contents.value : (contents ?? '')
  const code = /```\w*\n([^]*?)\n```/.exec(text)?.[1]
  if (code === undefined) throw new Error(`Nothing is shown there: ${JSON.stringify(answer)}`)
  return code
}
