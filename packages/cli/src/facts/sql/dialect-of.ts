import type { Dialect } from '../database-facts.js'

/** What only one of them says, surest first. */
const MARKS: readonly (readonly [Dialect, RegExp])[] = [
  ['postgresql', /\brow\s+level\s+security\b|\blanguage\s+'?(?:plpgsql|sql)\b|\bcreate\s+(?:policy|extension)\b|\btimestamptz\b|\bjsonb\b|\bgen_random_uuid\b|\bstatement_timeout\b/i],
  ['sqlserver', /\bidentity\s*\(\s*\d|\[dbo\]|\bnvarchar\b/i],
  ['mysql', /\bauto_increment\b|\bengine\s*=|^[ \t]*delimiter\b|\bunsigned\b|\bon\s+update\s+current_timestamp\b/im],
  ['sqlite', /\bautoincrement\b|\bpragma\s+\w|\bstrftime\s*\(|\bwithout\s+rowid\b|\bunixepoch\s*\(|\bdatetime\s*\(\s*'now'/i],
  ['postgresql', /\b(?:big|small)?serial\b|\bidentity\b|::|\$\$|\btimestamp(?:\s*\(\d\))?\s+with|\bbytea\b|\buuid\b|"public"\./i],
  ['mysql', /create\s+table[^(]{0,300}`\s*\([^;]{0,2000}\b(?:int|varchar|timestamp|boolean)\b/i],
  ['sqlite', /create\s+table[^(]{0,300}`\s*\(/i],
] // prettier-ignore

/** Long enough to tell, short enough for a pattern to walk. */
const MOST = 200_000

/** Which database scripts are for, by what they say; `unknown` where every one of them could read it. */
export function dialectOf(texts: readonly string[]): Dialect {
  const text = texts.join('\n').slice(0, MOST)
  return MARKS.find(([, mark]) => mark.test(text))?.[0] ?? 'unknown'
}

/** Roles and functions of Supabase and PostgREST: whose scripts name them answers for its tables to whoever asks. */
const POSTGREST =
  /\bauth\.(?:uid|role|jwt|email)\s*\(|\bauth\.users\b|\bto\s+(?:"?anon"?|"?authenticated"?|"?service_role"?)\b|\bfrom\s+"?(?:anon|authenticated)"?\b|\brequest\.jwt\.claim/i

export const speaksOfPostgrest = (texts: readonly string[]) => texts.some((text) => POSTGREST.test(text))
