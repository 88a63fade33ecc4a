/** A number of bytes, or as people write one: `'500 kB'`, `'5 MB'`, `'5 MiB'`. */
export type ByteSize = number | `${number} ${Unit}`

type Unit = keyof typeof UNITS

// SI and IEC 80000-13: a MB is a million, a MiB 1024 times 1024.
const UNITS = { B: 1, kB: 1e3, MB: 1e6, GB: 1e9, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 } as const

/** Throws a `TypeError` for what is no size above zero. */
export function toBytes(size: unknown): number {
  const [, amount, unit] = /^(\d+(?:\.\d+)?) ([A-Za-z]+)$/.exec(String(size)) ?? []
  const factor = unit !== undefined && Object.hasOwn(UNITS, unit) ? UNITS[unit as Unit] : undefined
  const bytes = typeof size === 'number' ? size : Math.floor(Number(amount) * (factor ?? Number.NaN))
  if (Number.isSafeInteger(bytes) && bytes > 0) return bytes
  throw new TypeError(`max is a number of bytes, or like '5 MB' (${Object.keys(UNITS).join(', ')})`)
}
