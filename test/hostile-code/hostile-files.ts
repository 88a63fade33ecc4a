import { seeded } from '../support/seeded.js'

/** Where the random choices of one tree come from. */
export type Chance = ReturnType<typeof chanceOf>

export function chanceOf(seed: number) {
  const random = seeded(seed)
  const below = (most: number) => Math.floor(random() * most)
  const pick = <T>(from: readonly T[]): T => from[below(from.length)]!
  return { below, pick, is: (share: number) => random() < share }
}

/** A file of a hostile tree. */
export interface HostileFile {
  readonly path: string
  readonly bytes: Buffer
}

/** One file: code of this repository that was broken, or what no person would write, where it leads to an entry point. */
export function hostileFile(index: number, chance: Chance, sources: readonly string[], isDeadly: boolean): HostileFile {
  const path = chance.pick(PLACES)(index, chance)
  if (isDeadly) return { path: `app/api/deadly${index}/route.ts`, bytes: Buffer.from(chance.pick(DEADLY)()) }
  return { path, bytes: chance.pick(KINDS)(chance, sources, index) }
}

/** Names that paths may have: a line break, a bracket, what means something to a shell. */
const NAMES = ['a b', '(group)', '[id]', '[...rest]', '@slot', 'é', '日本', 'a\nb', "it's", '$(x)', '%2e', '__proto__', 'constructor'] // prettier-ignore

const PLACES: readonly ((index: number, chance: Chance) => string)[] = [
  (index) => `app/api/r${index}/route.ts`,
  (index) => `app/api/r${index}/route.js`,
  (index, { pick }) => `app/${pick(NAMES)}/r${index}/route.ts`,
  (index) => `app/p${index}/page.tsx`,
  (index) => `app/actions${index}.ts`,
  (index) => `src/routes/f${index}.ts`,
  (index) => `src/f${index}.ts`,
  (index) => `src/f${index}.mjs`,
  (index) => `db/migrations/${index}_step.sql`,
  (index) => `db${index % 7}/schema${index}.prisma`,
  (index) => `supabase/functions/f${index}/index.ts`,
  (index) => `packages/p${index}/package.json`,
  (index) => `packages/p${index}/tsconfig.json`,
]

type Kind = (chance: Chance, sources: readonly string[], index: number) => Buffer

/** Of a source some window: the parser's time goes by size, and what breaks it seldom does. */
function windowOf({ below, pick, is }: Chance, sources: readonly string[]): string {
  const text = pick(sources)
  if (is(0.1)) return text
  const start = below(text.length)
  return text.slice(is(0.5) ? 0 : start, start + 200 + below(1_500))
}

const TOKENS = [
  '(', ')', '[', ']', '{', '}', '`', '${', '"', "'", '/*', '*/', '//', '<', '</', '/>', '=>', '?.', '??=', '...', '#', '@', '\\', '\\u{', '\u2028', '\uFEFF', '\0',
  '\u{1F469}\u200D\u{1F680}', '__proto__', 'constructor', 'await ', 'yield ', 'async ', 'export default ', 'import ', 'import(', 'class A extends A {}', "'use server'\n",
  "'use client'\n", 'enum ', 'declare ', 'namespace ', 'abstract ', 'satisfies ', 'x = x.x = x\n', 'app.use(app)\n', 'Deno.serve(serve)\n', '$$', '--', "e'\\'", '0x', '1_', '/[/',
] // prettier-ignore

const IMPORTS = (index: number, { below, pick }: Chance) => {
  const other = pick([index, index + 1, index - 1, below(2_000)])
  return pick([
    `export * from './f${other}'\n`,
    `export { GET, POST, default } from '../../../src/f${other}'\n`,
    `import * as all from '@/f${other}'\nexport const GET = all.all.GET\nexport { all }\n`,
    `import again from './f${other}'\nexport default again(again)\nexport class A extends again {}\n`,
    `const { f${other} } = require('./f${other}')\nmodule.exports = { ...f${other}, f${index}: module.exports }\n`,
    `import express from 'express'\nimport other from './f${other}'\nconst app = express()\napp.use('/x', other, app)\napp.get('/', other)\nexport default app\n`,
    `import { Hono } from 'hono'\nimport other from './f${other}'\nexport default new Hono().route('/', other).get('/', (c) => c.json(other))\n`,
  ])
}

/** Each nests once a repetition. */
const NESTS: readonly (readonly [open: string, close: string])[] = [
  ['(', ')'], ['[', ']'], ['{', '}'], ['a=>', ''], ['a?a:', ''], ['if(a){}else ', ''], ['a=', ''], ['!', ''], ['typeof ', ''], ['new ', ''], ['a+', ''], ['await ', ''],
  ['a(', ')'], ['a.b(c=>', ')'], ['`${', '}`'], ['<a>', '</a>'], ['<a b={', '}/>'], ['{a:', '}'], ['function(){return ', '}'], ['class{a=', '}'], ['for(;;)', ''], ['a:', ''],
  ['async()=>{', '}'], ['try{', '}catch{}'], ['a&&', ''], ['a??', ''], ['...', ''], ['a<', '>'], ['switch(a){case ', ':}'], ['a as ', ''],
] // prettier-ignore
const PREFIXES = ['export const GET = ', 'export function GET(a) { return ', 'export default ', 'type A = ', '']

const nested = (open: string, close: string, depth: number) => `${open.repeat(depth)}1${close.repeat(depth)}`

const KINDS: readonly Kind[] = [
  (chance, sources) => Buffer.from(windowOf(chance, sources)),
  (chance, sources) => {
    const text = windowOf(chance, sources)
    return Buffer.from(text.slice(0, chance.below(text.length)))
  },
  // Bytes that are no UTF-8.
  (chance, sources) => {
    const bytes = Buffer.from(windowOf(chance, sources))
    for (let times = chance.below(20); times >= 0 && bytes.length > 0; times -= 1)
      bytes[chance.below(bytes.length)] = 1 + chance.below(255)
    return bytes
  },
  (chance, sources) => {
    let text = windowOf(chance, sources)
    for (let times = chance.below(8); times >= 0; times -= 1) {
      const at = chance.below(text.length)
      text = text.slice(0, at) + chance.pick(TOKENS) + text.slice(at + chance.below(4))
    }
    return Buffer.from(text)
  },
  (chance, sources) => {
    const [one, other] = [windowOf(chance, sources), windowOf(chance, sources)]
    return Buffer.from(one.slice(0, chance.below(one.length)) + other.slice(chance.below(other.length)))
  },
  (chance, sources) => {
    const text = windowOf(chance, sources)
    const at = chance.below(text.length)
    const part = text.slice(at, at + 1 + chance.below(60))
    return Buffer.from(text.slice(0, at) + part.repeat(1 + chance.below(120)) + text.slice(at))
  },
  // Words change their places.
  (chance, sources) => {
    const words = windowOf(chance, sources).split(/\b/)
    for (let times = chance.below(10); times >= 0; times -= 1) {
      const [a, b] = [chance.below(words.length), chance.below(words.length)]
      ;[words[a], words[b]] = [words[b] ?? '', words[a] ?? '']
    }
    return Buffer.from(words.join(''))
  },
  (chance, sources, index) => Buffer.from(IMPORTS(index, chance) + (chance.is(0.5) ? windowOf(chance, sources) : '')),
  (chance) => Buffer.from(chance.pick(PREFIXES) + nested(...chance.pick(NESTS), 1 + chance.below(900))),
  (chance) => {
    const [first, second] = [chance.pick(NESTS), chance.pick(NESTS)]
    return Buffer.from(`${chance.pick(PREFIXES)}${nested(first[0] + second[0], second[1] + first[1], 1 + chance.below(200))}`)
  },
  (chance) => Buffer.from(Array.from({ length: chance.below(600) }, () => chance.below(256))),
  (chance) => Buffer.from(Array.from({ length: chance.below(120) }, () => chance.pick(TOKENS)).join(chance.pick(['', ' ', '\n']))),
  (chance) => Buffer.from(chance.pick(['', '\uFEFF', '\n'.repeat(5_000), ' ', '\r', '#!/usr/bin/env node', '{}', '[]', 'null', '{"name":"p","exports":{"*":"*"}}', '{"compilerOptions":{"paths":{"*":["*"],"@/*":["../*"]}}}', '{"extends":"./tsconfig.json"}'])),
] // prettier-ignore

/** What is so large that a few of it fill the time of a thousand others. */
export function hugeFile(index: number, chance: Chance): HostileFile {
  const text = chance.pick([
    () => `export const GET = () => [${'1,'.repeat(500_000)}]`,
    () => `export const GET = () => '${'x'.repeat(1_000_000)}'`,
    () => `export const GET = () => x${'.then(y => y)'.repeat(3_000)}`,
    () => `export function GET(q) { ${'if (q.a) q = f(q); else q = g(q);'.repeat(1_000)} }`,
    () => `export const GET = 1 //${' '.repeat(2_000_000)}`,
    () => `export const GET = { ${'a: 1, '.repeat(100_000)} }`,
  ])()
  return { path: `app/api/huge${index}/route.ts`, bytes: Buffer.from(text) }
}

/** Deeper than the parser's stack: each ends a process. */
const DEADLY: readonly (() => string)[] = [
  () => `export const GET = ${'a=>'.repeat(60_000)}1`,
  () => `export const GET = ${'a?a:'.repeat(60_000)}1`,
  () => `export function GET() { ${'if(a){}else '.repeat(60_000)}{} }`,
  () => `export const GET = ${'!'.repeat(900_000)}1`,
  () => `export const GET = ${'[/*]*/'.repeat(100_000)}1`,
]
