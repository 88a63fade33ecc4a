import * as crypto from 'node:crypto'
import { beforeEach, expect, test, vi } from 'vitest'
import { PROVIDERS } from '../../test/signers/provider-cases.js'
import { bytes, NOW, SECONDS } from '../../test/signers/signed-delivery.js'

vi.mock('node:crypto', async (original) => {
  const actual = await original<typeof crypto>()
  return { ...actual, timingSafeEqual: vi.fn<typeof crypto.timingSafeEqual>(actual.timingSafeEqual) }
})
const compared = vi.mocked(crypto.timingSafeEqual)
beforeEach(() => void compared.mockClear())

const withMac = PROVIDERS.filter(({ name }) => name !== 'discord')

test.each(withMac)(
  'a MAC of $name is compared whole, right or wrong, for as long either way',
  async ({ make, secret, sign, body }) => {
    const signed = (number: number) =>
      sign({ secrets: [secret(number)], body: bytes(body), timestamp: `${SECONDS}`, id: 'msg_1' })
    await make({ secrets: secret(1) }).verify(signed(1), NOW)
    expect(compared.mock.results.map(({ value }) => value as unknown)).toEqual([true])
    compared.mockClear()
    await make({ secrets: secret(1) }).verify(signed(2), NOW)
    expect(compared.mock.calls.length).toBeGreaterThan(0)
    expect(compared.mock.results.every(({ value }) => value === false)).toBe(true)
  },
)
