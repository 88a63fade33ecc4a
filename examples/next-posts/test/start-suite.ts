import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createTestDatabase } from '../../../test/support/postgres.ts'
import { startNext } from './running.ts'

const POSTERN_AUTH_SECRET = 'x7Gm2kQ9vB4nL8sT1wZ6yR3cF5hJ0dPa'

/** A server that can't do its work ends, in words for a person: Next.js by itself would answer 500 for ever. */
export function startSuite(): void {
  test('next start on a PostgreSQL without its migrations does not serve, and says what to run', async () => {
    const { url, drop } = await createTestDatabase()
    try {
      await expect(startNext({ DATABASE_URL: url, POSTERN_AUTH_SECRET })).rejects.toThrow(
        /0001_init is not applied to .*postern migrate up/,
      )
    } finally {
      await drop()
    }
  })

  test('next start without a database, or without a secret, does not serve, and says what to set', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'next-posts-'))
    const POSTERN_DIRECTORY = join(directory, 'db')
    try {
      await expect(startNext({ POSTERN_DIRECTORY, POSTERN_AUTH_SECRET })).rejects.toThrow('DATABASE_URL is not set')
      await expect(startNext({ POSTERN_DIRECTORY, POSTERN_EMBEDDED: '1' })).rejects.toThrow(
        'No secret to sign sessions with',
      )
    } finally {
      await rm(directory, { recursive: true })
    }
  })
}
