import { campaignOptions, SEED, seedOf, wholeNumber } from '../support/campaign-options.js'
import { codeCampaign } from './campaign.js'

/** `npm run campaign:code`: the hostile files of the tests, as many as one has time for. Ends with 1 at a mistake. */
const values = campaignOptions('code', {
  files: { type: 'string', default: '1000000', says: 'how many files' },
  seed: SEED,
})
const files = wholeNumber('code', 'files', values.files, 1)
const seed = seedOf('code', values.seed)
const tell = (line: string) => void (process.stderr.isTTY && process.stderr.write(`\r${line}\x1b[K`))
const onProgress = (done: number, wrong: number) => tell(`${done} of ${files} files, ${wrong} mistakes`)

const { trees, unread, slowest, mistakes, ...done } = await codeCampaign({ seed, root: process.cwd(), files, deadlyEvery: 5, onProgress }) // prettier-ignore
tell('')
const reasons = Object.entries(unread).map(([reason, count]) => `  ${count} not read: ${reason}`)
const said = [
  `seed ${seed}: ${done.files} files in ${trees} trees, ${mistakes.length} mistakes, 95 % upper bound ${(3 / done.files).toExponential(1)} (3/n)`,
  `  the slowest tree took ${(slowest / 1000).toFixed(1)} s`,
  ...reasons,
  ...mistakes,
]
process.stdout.write(said.map((line) => `${line}\n`).join(''))
process.exitCode = mistakes.length > 0 ? 1 : 0
