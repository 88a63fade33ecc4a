/**
 * The name by which npm knows what is imported by an address, as Deno and edge functions do: `npm:zod@4`,
 * `https://esm.sh/stripe@18?target=deno`, `jsr:@hono/hono`. Whatever else is imported keeps its name.
 */
export function packageNameOf(specifier: string): string {
  const [address = ''] = specifier.split(/[?#]/, 1)
  if (address.startsWith('npm:')) return bare(address.slice('npm:'.length))
  if (address.startsWith('jsr:') && !address.startsWith('jsr:@std/')) return ofJsr(bare(address.slice('jsr:'.length)))
  const hosted = HOSTS.exec(address)
  if (hosted !== null) return bare(address.slice(hosted[0].length))
  const module = DENO_MODULE.exec(address)
  if (module !== null) {
    const [, name = '', file = ''] = module
    const known = DENO_MODULES[name]
    return known === undefined ? specifier : known + (file === '' ? '' : `/${file}`)
  }
  return specifier
}

/** What serves packages of npm as modules; a build of esm.sh's own may stand between, and `*` where nothing is bundled. */
const HOSTS =
  /^https:\/\/(?:(?:cdn\.)?esm\.sh\/(?:(?:v\d+|stable)\/)?\*?|esm\.run\/|unpkg\.com\/|cdn\.skypack\.dev\/|cdn\.jsdelivr\.net\/npm\/|(?:ga\.)?jspm\.(?:io|dev)\/npm:)/

/** Modules of deno.land that are a package of npm too. Others only share its name: `postgres` there is another client. */
const DENO_MODULE = /^https:\/\/deno\.land\/x\/([\w-]+)(?:@[^/]*)?\/(?:mod|index|([\w./-]+?))\.[jt]sx?$/
const DENO_MODULES: Readonly<Record<string, string>> = { hono: 'hono', postgresjs: 'postgres', zod: 'zod' }

/** A package of JSR that has another name at npm. */
const OF_JSR: Readonly<Record<string, string>> = {
  '@hono/hono': 'hono',
  '@oak/oak': 'oak',
  '@valibot/valibot': 'valibot',
  '@zod/zod': 'zod',
}

function ofJsr(name: string): string {
  const [scope, own, ...inside] = name.split('/')
  const known = OF_JSR[`${scope}/${own}`]
  return known === undefined ? name : [known, ...inside].join('/')
}

/** Without its version, and without the file that a package happens to be built as. */
function bare(path: string): string {
  const parts = path.replace(/^\/+/, '').split('/')
  const isScoped = parts[0]!.startsWith('@')
  const own = parts.slice(0, isScoped ? 2 : 1).join('/')
  const name = own.replace(/(?!^)@[^/]*$/, '')
  const inside = parts.slice(isScoped ? 2 : 1)
  const isBuilt = /^(?:\+esm|dist|es\d*|lib|build)$/.test(inside[0] ?? '') || /\.[cm]?[jt]s$/.test(inside.at(-1) ?? '')
  return isBuilt || inside.length === 0 || inside[0] === '' ? name : `${name}/${inside.join('/')}`
}
