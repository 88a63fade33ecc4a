import { existsSync, readdirSync } from 'node:fs'
import { build } from 'esbuild'

/** Makes one file that Node 20, which reads no TypeScript, can run; the packages stay where they are installed. */
export async function bundleProgram(options) {
  await build({
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    sourcemap: 'inline',
    logLevel: 'warning',
    packages: 'external',
    ...options,
  })
}

/** The sources of postern under the names that users import: so a build that was forgotten can't be measured or attacked. */
export function posternSources(root) {
  const source = (file) => `${root}/packages/postern/src/${file}`
  const parts = readdirSync(source('')).filter((part) => existsSync(source(`${part}/index.ts`)))
  const named = parts.map((part) => [`postern/${part}`, source(`${part}/index.ts`)])
  return { ...Object.fromEntries(named), postern: source('index.ts') }
}
