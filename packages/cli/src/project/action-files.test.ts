import { expect, test } from 'vitest'
import { isServerFile } from './action-files.js'

test.each([
  ["'use server'\nexport const a = 1", true],
  ['"use server";', true],
  ["// a comment\n/* another\n */\n\n  'use server'\n", true],
  ["import x from 'y'\n'use server'", false],
  ["// 'use server'", false],
  ["/* 'use server' */ export const a = 1", false],
  ["'use client'", false],
  ["'use servers'", false],
  ['/* it never ends', false],
  ['', false],
])('%j', (source, expected) => expect(isServerFile(source)).toBe(expected))
