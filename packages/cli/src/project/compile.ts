import { join, relative } from 'node:path'
import type { BuildFailure, BuildOptions, Message, Plugin } from 'esbuild'
import { UsageError } from '../errors.js'
import type { Project } from './find-project.js'

/** What is compiled into one module, and where to. */
export interface Compilation {
  readonly project: Project
  /** Absolute; a source map is written beside it. */
  readonly outfile: string
  /** The module's text. Asked anew on each rebuild, because route files come and go. */
  readonly entry: () => string | Promise<string>
  /** Absolute: the module of ours that the text imports as `postern:runner`. */
  readonly runner?: string
}

/** Bundles the project's own code, TypeScript to JavaScript, and leaves every package to Node. */
export async function compile(compilation: Compilation): Promise<void> {
  const { build } = await import('esbuild')
  try {
    await build(compileOptions(compilation))
  } catch (error) {
    throw compileError(compilation.project, error)
  }
}

/** Options for esbuild's `build` and `context`. */
export function compileOptions(compilation: Compilation): BuildOptions {
  return {
    absWorkingDir: compilation.project.directory,
    entryPoints: ['postern:entry'],
    outfile: compilation.outfile,
    bundle: true,
    packages: 'external',
    platform: 'node',
    target: 'node20',
    format: 'esm',
    // A stack must name the lines that were written, and `name` is what a log shows of a function.
    sourcemap: 'linked',
    // Lines and names are what a stack is made of. The texts would double every map, and each reload keeps one in memory.
    sourcesContent: false,
    keepNames: true,
    logLevel: 'silent',
    plugins: [entryPlugin(compilation)],
  }
}

/** The first of esbuild's complaints, as one sentence with its place. */
export function compileError(project: Project, error: unknown): unknown {
  const [first] = (error as Partial<BuildFailure>).errors ?? []
  if (first === undefined) return error
  // What our own plugin throws (routes that collide) says its places itself; esbuild's is a line of esbuild.
  if (first.pluginName === PLUGIN && first.detail instanceof Error) return first.detail
  const others = ((error as BuildFailure).errors.length ?? 1) - 1
  const hint = others > 0 ? `Correct that line (${others} more after it)` : 'Correct that line'
  return new UsageError(`${placeOf(project, first)}${first.text}`, hint)
}

function placeOf(project: Project, { location }: Message): string {
  if (location === null) return ''
  const file = relative(project.directory, join(project.directory, location.file))
  return `${file}:${location.line}:${location.column + 1}: `
}

const PLUGIN = 'postern-entry'

function entryPlugin({ project, entry, runner }: Compilation): Plugin {
  return {
    name: PLUGIN,
    setup(build) {
      build.onResolve({ filter: /^postern:entry$/ }, () => ({ path: 'entry', namespace: 'postern' }))
      // By a name of its own: what is built must not say where on this machine it was built.
      build.onResolve({ filter: /^postern:runner$/ }, () => (runner === undefined ? undefined : { path: runner }))
      // Node finds no `next/navigation`, because that package has no map of its exports; a bundler would.
      build.onResolve({ filter: /^next\/[a-z-]+$/ }, ({ path }) => ({ path: `${path}.js`, external: true }))
      // It throws where no framework says that this is a server, and this is none but a list.
      build.onResolve({ filter: /^server-only$/ }, () => ({ path: 'server-only', namespace: 'postern-empty' }))
      build.onLoad({ filter: /.*/, namespace: 'postern-empty' }, () => ({ contents: '' }))
      build.onLoad({ filter: /.*/, namespace: 'postern' }, async () => ({
        contents: await entry(),
        loader: 'ts',
        resolveDir: project.directory,
      }))
    },
  }
}
