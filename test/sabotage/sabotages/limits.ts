import type { Sabotage } from '../sabotage.js'

const json = 'packages/postern/src/http/json-limits.test.ts'

/** What a request may be at most, before anybody asks what it means. */
export const limits: readonly Sabotage[] = [
  {
    claim: 'JSON is not nested without end',
    sabotage: 'depth limit off',
    file: 'http/json-limits.ts',
    edit: ['if (open.length >= limits.jsonDepth) return', 'if (false) return'],
    test: json,
    always: true,
  },
  {
    claim: 'An object has not any number of fields',
    sabotage: 'field limit off',
    file: 'http/json-limits.ts',
    edit: ['if (level.count > limits.jsonKeys) return', 'if (false) return'],
    test: json,
    always: true,
  },
  {
    claim: 'A list has not any number of items',
    sabotage: 'item limit off',
    file: 'http/json-limits.ts',
    edit: ['(level.count += 1) >= limits.jsonItems', '(level.count += 1) < 0'],
    test: json,
    always: true,
  },
  {
    claim: 'No field is called as JavaScript calls a prototype',
    sabotage: '__proto__ is a field like any other',
    file: 'http/json-limits.ts',
    edit: ['if (isReservedName(key)) return', 'if (false) return'],
    test: json,
    always: true,
  },
  {
    claim: 'A field stands once',
    sabotage: 'of a field that stands twice the last one counts',
    file: 'http/json-limits.ts',
    edit: ['if (level.known?.has(key) ?? level.keys.includes(key)) return', 'if (false) return'],
    test: json,
    always: true,
  },
  {
    claim: 'A field that is spelled with escapes is the same field',
    sabotage: 'fields are compared as they are spelled',
    file: 'http/json-limits.ts',
    edit: ["if (!raw.includes('\\\\')) return raw", 'return raw'],
    test: json,
    always: true,
  },
  {
    claim: 'A query has not any number of parameters',
    sabotage: 'parameter limit off',
    file: 'http/query.ts',
    edit: ["if ((count += 1) > most) throw refusal('There are too many parameters')", ''],
    test: 'packages/postern/src/stages/validate.test.ts',
    by: 'a hundred parameters pass',
  },
  {
    claim: 'What a variable of the environment holds is never told',
    sabotage: 'the words of the schema are told as they are',
    file: 'env.ts',
    edit: ["asClause(withoutValues(issue.message, source[name] ?? '', source))", 'asClause(issue.message)'],
    test: 'packages/postern/src/env.test.ts',
    always: true,
  },
]
