import type { CodeMatch } from '../../facts/source/code-matches.js'
import type { Confidence } from '../rule.js'

/** A secret, how sure it is one, and the sentence that tells of it. */
export type Found = readonly [CodeMatch, Confidence, string]

export const standsHere = (what: string) => `${what} stands in the code, and in every copy of it`
