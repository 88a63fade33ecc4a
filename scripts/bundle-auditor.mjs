// One file of what `postern check` runs. Its 240 modules took Node 75 ms to find and to compile, which is more than to audit what has
// changed. The other commands are loaded by those who call them, and are left where they are.
import { fileURLToPath } from 'node:url'
import { bundleProgram } from './bundle-program.mjs'

const dist = fileURLToPath(new URL('../packages/cli/dist/', import.meta.url))
const otherCommands = {
  name: 'other commands',
  setup: ({ onResolve }) => {
    onResolve({ filter: /^\.\/commands\// }, ({ path }) =>
      path === './commands/check.js' ? null : { path, external: true },
    )
  },
}

await bundleProgram({
  entryPoints: [`${dist}watched.js`],
  // Beside the modules: what they look for from where they stand must be found from here.
  outfile: `${dist}auditor.js`,
  sourcemap: false,
  plugins: [otherCommands],
})
