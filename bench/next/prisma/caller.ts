import { jwtVerify } from 'jose'
import { AUDIENCE, ISSUER, SECRET } from '../../world.ts'

const key = new TextEncoder().encode(SECRET)

/** Who calls, or `null`. */
export async function callerOf(request: Request): Promise<string | null> {
  const token = request.headers.get('authorization')?.replace(/^Bearer /, '') ?? ''
  try {
    const rules = { issuer: ISSUER, audience: AUDIENCE, algorithms: ['HS256'] }
    return (await jwtVerify(token, key, rules)).payload.sub ?? null
  } catch {
    return null
  }
}
