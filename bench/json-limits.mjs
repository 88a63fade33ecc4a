// What the limits of JSON cost beside JSON.parse, and what a schema costs over many wrong items: npm run build && node bench/json-limits.mjs
//
// Last figures (2 cores, Node 20.20, other work beside, load 12 to 21): with the limits a body takes 1.1 to 2.1 times as long
// as JSON.parse alone where it is rows or one object of up to ten fields, 1.5 to 3.8 times where it is numbers or a hundred
// fields; a list of rows of 1 kB 11 to 30 µs, of 94 kB 1.3 ms. A schema over 10,000 wrong items 41 to 77 ms, over 33,000 220 ms.
import { z } from 'zod'
import { jsonRefusal } from '../packages/postern/dist/http/json-limits.js'
import { DEFAULT_LIMITS } from '../packages/postern/dist/limits.js'

const row = (index) => ({
  customerId: String(index),
  number: `INV-${index}`,
  total: '129.90',
  status: 'draft',
  note: 'Thanks for your order, it will be sent "today"',
  lines: [{ text: 'Oil', count: 2, price: 4.5 }],
})
const shapes = {
  'a list of rows': (bytes) => JSON.stringify(Array.from({ length: Math.ceil(bytes / 190) }, (_, index) => row(index))),
  'one flat object': (bytes) =>
    JSON.stringify(
      Object.fromEntries(Array.from({ length: Math.ceil(bytes / 100) }, (_, at) => [`field${at}`, 'x'.repeat(86)])),
    ),
  'a list of numbers': (bytes) =>
    JSON.stringify(Array.from({ length: Math.ceil(bytes / 11) }, (_, index) => index * 1e6)),
}

print('shape, bytes                  JSON.parse µs    limits µs    together / JSON.parse')
for (const [name, make] of Object.entries(shapes)) {
  for (const bytes of [1_000, 10_000, 100_000]) {
    const text = make(bytes)
    const limits = { ...DEFAULT_LIMITS, jsonKeys: 1e6, jsonItems: 1e6 }
    if (jsonRefusal(text, limits) !== null) throw new Error('This body should pass')
    const rounds = Math.ceil(3_000_000 / text.length)
    const [parse, scan] = interleaved(rounds, [() => JSON.parse(text), () => jsonRefusal(text, limits)])
    const ratio = ((parse + scan) / parse).toFixed(2)
    print(`${`${name}, ${text.length}`.padEnd(29)} ${fixed(parse)} ${fixed(scan)} ${ratio.padStart(12)}`)
  }
}

print('\na schema that refuses every item of a list')
for (const items of [1_000, 10_000, 33_000]) {
  const schema = z.array(z.object({ name: z.string(), total: z.string() }))
  const wrong = Array.from({ length: items }, () => ({}))
  const [took] = interleaved(5, [() => schema.safeParse(wrong)])
  print(`${String(items).padStart(6)} items ${(took / 1000).toFixed(1).padStart(8)} ms`)
}

/** The median of five interleaved rounds each, in µs a call: the machine is not ours alone. */
function interleaved(calls, works) {
  const took = works.map(() => [])
  for (let round = 0; round < 6; round += 1) {
    works.forEach((work, index) => {
      const started = performance.now()
      for (let call = 0; call < calls; call += 1) work()
      // The first round is for the compiler.
      if (round > 0) took[index].push(((performance.now() - started) * 1000) / calls)
    })
  }
  return took.map((all) => all.sort((a, b) => a - b)[2])
}

function print(line) {
  process.stdout.write(`${line}\n`)
}

function fixed(number) {
  return number.toFixed(1).padStart(12)
}
