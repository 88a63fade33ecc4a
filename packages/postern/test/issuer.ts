import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, SignJWT, type GenerateKeyPairResult, type JWK, type JWTPayload } from 'jose'
import { jwt, type JwtOptions } from '../src/auth/jwt.js'
import type { Authenticate } from '../src/principal.js'

export const ISSUER = 'https://issuer.example'
export const AUDIENCE = 'invoices'
export const SECRET = 'a-secret-of-thirty-two-bytes-or-more'

/** An issuer: publishes whatever keys it has now, counts who asks, and can be broken in each way that an issuer breaks. */
export class Issuer {
  keys: JWK[] = []
  asked = 0
  breaks: 'no' | 'status' | 'garbage' | 'hangs' = 'no'
  readonly #server: Server

  constructor() {
    this.#server = createServer((_request, response) => {
      this.asked += 1
      if (this.breaks === 'hangs') return
      if (this.breaks === 'status') response.writeHead(500)
      response.end(this.breaks === 'garbage' ? '<html>' : JSON.stringify({ keys: this.keys }))
    })
  }

  static async open(): Promise<Issuer> {
    const issuer = new Issuer()
    await new Promise<void>((resolve) => issuer.#server.listen(0, '127.0.0.1', resolve))
    return issuer
  }

  get jwks(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/jwks.json`
  }

  async publish(pair: GenerateKeyPairResult, kid: string, alg = 'RS256'): Promise<void> {
    this.keys.push({ ...(await exportJWK(pair.publicKey)), kid, alg, use: 'sig' })
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}

/** The claims of a token that holds for an hour, with some of them changed. */
export function claims(changed: Record<string, unknown> = {}): JWTPayload {
  const now = Math.floor(Date.now() / 1000)
  return { sub: 'alice', iss: ISSUER, aud: AUDIENCE, iat: now, exp: now + 3600, ...changed }
}

export const signedBySecret = (payload: JWTPayload, secret = SECRET): Promise<string> =>
  new SignJWT(payload).setProtectedHeader({ alg: 'HS256' }).sign(new TextEncoder().encode(secret))

export const signed = (pair: GenerateKeyPairResult, kid: string, payload: JWTPayload, alg = 'RS256'): Promise<string> =>
  new SignJWT(payload).setProtectedHeader({ alg, kid }).sign(pair.privateKey)

export const bearer = (token: string): Request =>
  new Request('http://127.0.0.1/api/invoices', { headers: { authorization: `Bearer ${token}` } })

export const withOptions = (options: Record<string, unknown>): Authenticate =>
  jwt({ issuer: ISSUER, audience: AUDIENCE, ...options } as unknown as JwtOptions)

export const overSecret = (options: Record<string, unknown> = {}): Authenticate =>
  withOptions({ secret: SECRET, ...options })

export const overKeys = (issuer: Issuer, options: Record<string, unknown> = {}): Authenticate =>
  withOptions({ jwks: issuer.jwks, ...options })
