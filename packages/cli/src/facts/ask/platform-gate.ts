import { posix } from 'node:path'
import type { EntryPoint } from '../entry/entry-point.js'
import type { ProjectFacts } from '../project-facts.js'

/**
 * Whether Supabase asks for a token before its function is called: it does where `supabase/config.toml` does not say otherwise. Every
 * user's token passes, and the public key too, so that this takes confidence away and no more.
 */
export function hasPlatformGate({ framework, spot }: EntryPoint, { source }: Pick<ProjectFacts, 'source'>): boolean {
  if (framework !== 'supabase') return false
  const match = /^((?:.*\/)?)functions\/([^/]+)\//.exec(spot.file.path)
  // Served by somebody else's Deno.
  if (match === null) return false
  const config = source(posix.join(match[1]!, 'config.toml'))?.text ?? ''
  const section = config
    .split(/^[ \t]*\[/m)
    .find((one) => one.startsWith(`functions.${match[2]}]`) || one.startsWith(`functions."${match[2]}"]`))
  return !/^[ \t]*verify_jwt[ \t]*=[ \t]*false\b/m.test(section ?? '')
}
