import type { Sabotage } from '../sabotage.js'

const versions = 'packages/postern/src/stages/if-match.test.ts'
const caches = 'packages/postern/src/stages/cache.test.ts'
const forms = 'packages/postern/src/form/form.test.ts'

/** What an endpoint may ask for beside the rest. */
export const slots: readonly Sabotage[] = [
  {
    claim: 'A row that a deletion elsewhere changes has another ETag',
    sabotage: 'on delete set null raises no version',
    file: 'schema/table-constraints.ts',
    edit: ['versionKey !== undefined && isChangedByItsParents(facts)', 'false'],
    test: 'packages/postern/src/stages/etag.test.ts',
    by: 'once the parent is gone',
  },
  {
    claim: 'Only listed origins may read an answer',
    sabotage: 'any origin is reflected',
    file: 'http/cors.ts',
    edit: ['return origin !== null && origins.has(origin) ? origin : null', 'return origin'],
    test: 'packages/postern/src/http/cors.test.ts',
    always: true,
  },
  {
    claim: 'An answer for one origin is not kept for another',
    sabotage: 'Vary is left out',
    file: 'http/cors.ts',
    edit: ["if (policy.origins !== '*') addToList(headers, 'vary', 'origin')", ''],
    test: 'packages/postern/src/http/cors.test.ts',
    always: true,
  },
  {
    claim: 'Any page gets no credentials',
    sabotage: 'the star is taken with credentials',
    file: 'http/cors.ts',
    edit: ['if (isAny && credentials === true) {', 'if (false) {'],
    test: 'packages/postern/src/http/cors.test.ts',
    always: true,
  },
  {
    claim: 'Nobody changes what they have not seen',
    sabotage: 'ifMatch off: a change without a version is let through',
    file: 'stages/version-asked.ts',
    edit: ["if (plan.ifMatch) throw problem('precondition-required')", ''],
    test: versions,
    by: 'without If-Match is 428',
  },
  {
    claim: 'Of two who read the same version one changes it',
    sabotage: 'any version passes for the current one',
    file: 'stages/version-asked.ts',
    edit: ['return tags.flatMap(({ weak, opaque }) => (weak || !isRowId(opaque) ? [] : [opaque]))', "return '*'"],
    test: versions,
    by: 'of another version is 412',
  },
  {
    claim: 'What one caller is told is kept for nobody else',
    sabotage: 'a lifetime makes every answer public',
    file: 'http/cache-control.ts',
    edit: ["[isPrivate ? 'private' : 'public',", "['public',"],
    test: caches,
    by: 'by one alone',
  },
  {
    claim: 'What one caller is told is kept for nobody else',
    sabotage: 'what it varies with holds nothing of the headers that only the adapter knows',
    file: 'http/cache-control.ts',
    edit: ['[...WHO_ASKS, ...organization, ...knownBy]', '[...WHO_ASKS, ...organization]'],
    test: caches,
    by: 'known by a header of their own',
  },
  {
    claim: 'A cache hands out nobody’s session',
    sabotage: 'an answer with cookies may be kept',
    file: 'http/cache-control.ts',
    edit: ["lifetime === null || headers.has('set-cookie')", 'lifetime === null'],
    test: caches,
    by: 'an answer with cookies is kept by nobody',
  },
  {
    claim: 'A form has not any number of parts',
    sabotage: 'part limit off',
    file: 'form/multipart-bounds.ts',
    edit: ['if (parts > mostParts || end === -1) return false', 'if (end === -1) return false'],
    test: forms,
    by: 'a body that is no form',
  },
  {
    claim: 'A file is as large as its field takes',
    sabotage: 'file limit off within the limit of the whole',
    file: 'http/form-entries.ts',
    edit: ['value.size > most', 'value.size < 0'],
    test: forms,
    by: 'one file beyond its own limit',
  },
  {
    claim: 'A file is what its bytes say',
    sabotage: 'a type is believed because it was declared',
    file: 'form/file-type.ts',
    edit: ['if (KNOWN.has(type)) return shown.has(type)', 'if (KNOWN.has(type)) return true'],
    test: 'packages/postern/src/form/file-type.test.ts',
    always: true,
  },
]
