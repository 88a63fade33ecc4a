import { expect, test } from 'vitest'
import { ROOT } from '../support/markdown.js'
import { codeCampaign } from './campaign.js'

/** All files follow from it: `SEED=188383 npx vitest run test/hostile-code`. */
const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1e6))
const FILES = Number(process.env['FILES'] ?? 20_000)

test('hostile files: every audit ends, tells what it did not read, and finds what is open beside them', async () => {
  const { files, trees, unread, slowest, mistakes } = await codeCampaign({
    seed,
    root: ROOT,
    files: FILES,
    deadlyEvery: 20,
  })
  const told = Object.entries(unread).map(([reason, count]) => `${count} ${reason}`)
  process.stdout.write(`seed ${seed}: ${files} files in ${trees} trees, the slowest in ${slowest} ms; not read: ${told.join(', ')}; 95 % upper bound ${(3 / files).toExponential(1)} (3/n)\n`) // prettier-ignore
  expect(mistakes).toEqual([])
  expect(files).toBe(FILES)
}, 600_000)
