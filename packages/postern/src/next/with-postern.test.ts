import { expect, test } from 'vitest'
import { withPostern } from './with-postern.js'

test('the packages that no bundler may take apart are left where they are installed', () => {
  expect(withPostern().serverExternalPackages).toEqual(expect.arrayContaining(['@electric-sql/pglite', 'pg', 'pino']))
})

test('what a configuration says already stays, and is not said twice', () => {
  const config = {
    reactStrictMode: true,
    serverExternalPackages: ['sharp', 'pg'],
    outputFileTracingIncludes: { '/x': ['a'] },
  }
  const made = withPostern(config)
  expect(made.reactStrictMode).toBe(true)
  expect(made.serverExternalPackages.filter((name) => name === 'pg')).toHaveLength(1)
  expect(made.serverExternalPackages).toContain('sharp')
  expect(made.outputFileTracingIncludes).toMatchObject({ '/x': ['a'], '/*': ['./migrations/**/*.sql'] })
  expect(config.serverExternalPackages).toEqual(['sharp', 'pg'])
})

test('a configuration that is applied twice is the same', () => {
  expect(withPostern(withPostern({}))).toEqual(withPostern({}))
})
