import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { BuildContext, OutputFile } from 'esbuild'
import { codeDirectory } from './code-directory.js'
import { compileError, compileOptions } from './compile.js'
import { projectEntry } from './entries.js'
import type { Project } from './find-project.js'

/** What came of compiling. `file` is new each time: Node imports a module by its address once, and never again. */
export interface Compiled {
  readonly file: string
  /** Would run as the last one does: the same code on the same lines, the same migrations. */
  readonly same: boolean
  /** Absolute. */
  readonly inputs: ReadonlySet<string>
}

/** Compiles a project again and again, into `.postern/code/dev-<pid>/`. */
export class Recompiler {
  readonly #project: Project
  readonly #directory: string
  readonly #context: BuildContext
  #number = 0
  #fingerprint = ''

  private constructor(project: Project, directory: string, context: BuildContext) {
    this.#project = project
    this.#directory = directory
    this.#context = context
  }

  static async open(project: Project): Promise<Recompiler> {
    const { context } = await import('esbuild')
    const directory = codeDirectory(project, 'dev')
    // A seed is not served: a mistake in it must not stand in the way.
    const entry = () => projectEntry({ ...project, seedFile: undefined }, { routes: true })
    const options = compileOptions({ project, outfile: join(directory, 'server.mjs'), entry })
    return new Recompiler(project, directory, await context({ ...options, write: false, metafile: true }))
  }

  /** Throws a `UsageError` with the place of the first mistake. */
  async compile(): Promise<Compiled> {
    const result = await this.#context.rebuild().catch((error: unknown) => {
      throw compileError(this.#project, error)
    })
    const files = result.outputFiles ?? []
    const inputs = new Set(
      Object.keys(result.metafile?.inputs ?? {}).map((name) => join(this.#project.directory, name)),
    )
    const fingerprint = fingerprintOf(files, this.#project.migrationsDirectory)
    const same = fingerprint === this.#fingerprint
    this.#fingerprint = fingerprint
    return { file: same ? this.#file(this.#number) : this.#write(files), same, inputs }
  }

  /** What was compiled last did not run: compile it as something new the next time. */
  forget(): void {
    this.#fingerprint = ''
  }

  async close(): Promise<void> {
    await this.#context.dispose()
  }

  #write(files: readonly OutputFile[]): string {
    this.#number += 1
    const file = this.#file(this.#number)
    const [code, map] = ['.mjs', '.mjs.map'].map((end) => files.find(({ path }) => path.endsWith(end))?.text ?? '')
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(`${file}.map`, map ?? '')
    writeFileSync(file, (code ?? '').replace(/(sourceMappingURL=)server(\.mjs\.map\s*)$/, `$1server-${this.#number}$2`))
    // The last one may be running still; Node read its map when it loaded it, and the ones before are history.
    for (const end of ['', '.map']) rmSync(`${this.#file(this.#number - 2)}${end}`, { force: true })
    return file
  }

  #file(number: number): string {
    return join(this.#directory, `server-${number}.mjs`)
  }
}

/** With the map: lines that moved must be told right, though the same code runs. */
function fingerprintOf(files: readonly OutputFile[], migrations: string): string {
  const hash = createHash('sha256')
  for (const { hash: text } of files) hash.update(text)
  for (const name of existsSync(migrations) ? readdirSync(migrations).sort() : []) {
    if (name.endsWith('.sql')) hash.update(name).update(readFileSync(join(migrations, name)))
  }
  return hash.digest('hex')
}
