import { readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Plugin } from 'esbuild'
import { bundleProgram } from '../../scripts/bundle-program.mjs'
import { broken, type Sabotage } from '../sabotage/sabotage.js'

/** A built program, in a folder of its own. */
export interface Program {
  readonly file: string
  remove(): Promise<void>
}

/** Builds the backend under test, whole or broken, into the repository's cache, from where its packages are found. */
export async function buildProgram(
  root: string,
  sabotage?: Sabotage,
  entry = 'test/kills/served-program.ts',
): Promise<Program> {
  const cache = join(root, 'node_modules/.cache/postern')
  await mkdir(cache, { recursive: true })
  const folder = await mkdtemp(join(cache, 'served-'))
  const file = join(folder, 'program.mjs')
  await bundleProgram({
    entryPoints: [join(root, entry)],
    outfile: file,
    plugins: sabotage === undefined ? [] : [breaking(join(root, 'packages/postern/src', sabotage.file), sabotage)],
  })
  return { file, remove: () => rm(folder, { recursive: true, force: true }) }
}

function breaking(file: string, sabotage: Sabotage): Plugin {
  return {
    name: 'sabotage',
    setup(building) {
      building.onLoad({ filter: /\.ts$/ }, ({ path }) =>
        path === file ? { contents: broken(readFileSync(file, 'utf8'), sabotage), loader: 'ts' } : undefined,
      )
    },
  }
}
