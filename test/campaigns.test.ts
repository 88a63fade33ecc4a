import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ROOT } from './support/markdown.ts'

const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: Record<string, string> }
const campaigns = Object.keys(scripts).flatMap((name) => /^campaign:(.+)$/.exec(name)?.[1] ?? [])

function run(...args: string[]): Promise<{ code: unknown; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [join(ROOT, 'scripts/campaign.mjs'), ...args], { cwd: ROOT }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : error.code, stdout, stderr }),
    )
  })
}

test('there are campaigns', () => expect(campaigns).toContain('isolation'))

describe.each(campaigns)('npm run campaign:%s', (name) => {
  test('--help lists its options and starts nothing', async () => {
    const { code, stdout, stderr } = await run(name, '--help')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(new RegExp(`^npm run campaign:${name} -- \\[options\\]\n\n( {2}--[a-z-]+.* {2}\\S.*\n)+$`))
  }, 60_000)

  test.each([['--nowhere'], ['somewhere']])(
    'is told in one sentence that it does not know %s',
    async (option) => {
      const hint = `; npm run campaign:${name} -- --help says what there is\n`
      const { code, stdout, stderr } = await run(name, option)
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
      expect(stderr).toMatch(new RegExp(`^campaign:${name}: [^\n]*${hint}$`))
    },
    60_000,
  )
})

test.each([
  ['isolation', '--operations', '0'],
  ['isolation', '--on', 'mysql'],
  ['isolation', '--seed', ''],
  ['hostile', '--raw', '1.5'],
  ['hostile', '--case', '3'],
])(
  'campaign:%s %s %j is refused before anything starts',
  async (...args) => {
    const { code, stdout, stderr } = await run(...args)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(/^campaign:\w+: [^\n]*--help says what there is\n$/)
  },
  60_000,
)
