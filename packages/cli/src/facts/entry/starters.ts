import type { ImportGraph } from '../source/import-graph.js'
import { isTestFile } from '../source/code-matches.js'
import type { SourceFile } from '../source/source-file.js'
import type { Registry } from './registry.js'

/** An app or a router is made here, at once or by a function that somebody calls. */
const MAKES =
  /\b(?:express|[fF]astify|Router)\s*\(|\bnew\s+(?:express\.)?(?:Router|\w*Hono|\w*Elysia)\b|\brequire\(\s*['"]fastify['"]\s*\)\s*\(/

/**
 * Files that start what others describe: `createApp()`, `new Server().listen()`. They need not name the framework. Where a file
 * makes an app and has told it nothing when it was evaluated, a function or a class of it does so, and whoever calls
 * that imports the file, perhaps through others.
 */
export function startersOf(files: readonly SourceFile[], registry: Registry, graph: () => ImportGraph): string[] {
  const told = registry.files()
  const silent = files.filter(({ path, text }) => MAKES.test(text) && !told.has(path) && !isTestFile(path))
  if (silent.length === 0) return []
  return [...graph().importersOf(silent.map(({ path }) => path))].filter((path) => !isTestFile(path))
}
