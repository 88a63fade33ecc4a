import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

const css = readFileSync(new URL('../app/globals.css', import.meta.url), 'utf8')

/** The pairs `--name: light-dark(#light, #dark)` of the style sheet. */
const colours = new Map(
  [...css.matchAll(/--([a-z-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)/g)].map(([, name, light, dark]) => [
    name!,
    { light: light!, dark: dark! },
  ]),
)

/** WCAG 2.2, relative luminance. */
function luminance(colour: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255
    return part <= 0.040_45 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  }) as [number, number, number]
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

function contrast(one: string, other: string): number {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b) as [number, number]
  return (light + 0.05) / (dark + 0.05)
}

// What is written on what; 4.5:1 is WCAG's AA for text, 3:1 for the edge of a control.
const TEXT = [
  ...['page', 'surface'].flatMap((on) => ['text', 'muted', 'accent', 'danger'].map((name) => [name, on] as const)),
  ['on-accent', 'accent'],
  ['text', 'danger-soft'],
  ['text', 'notice-soft'],
] as const
const EDGES = [
  ['control', 'surface'],
  ['control', 'page'],
  ['danger', 'surface'],
] as const

describe.each(['light', 'dark'] as const)('in %s', (scheme) => {
  const ratio = (name: string, on: string) => contrast(colours.get(name)![scheme], colours.get(on)![scheme])
  test.each(TEXT)('%s can be read on %s', (name, on) => expect(ratio(name, on)).toBeGreaterThanOrEqual(4.5))
  test.each(EDGES)('the edge of a control, %s, is seen on %s', (name, on) => {
    expect(ratio(name, on)).toBeGreaterThanOrEqual(3)
  })
})

test('black on white is 21:1, and grey on grey would be found', () => {
  expect(contrast('#000000', '#ffffff')).toBeCloseTo(21)
  expect(contrast('#888888', '#999999')).toBeLessThan(1.5)
})
