/** A provider that answers whatever a test says, with a valid signature or without one. */

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import { exportJWK, generateKeyPair, SignJWT, type JWTPayload } from 'jose'

export interface Rogue {
  readonly issuer: string
  readonly clientId: string
  /** The nonce of the login under way, as the page sent it. */
  nonce: string
  claims: (usual: JWTPayload) => JWTPayload
  /** With a key that is not published. */
  forged: boolean
  /** Added to the metadata. */
  metadata: Readonly<Record<string, unknown>>
  /** Bodies of the token endpoint, as they came. */
  readonly asked: URLSearchParams[]
  close(): Promise<void>
}

export async function startRogue(): Promise<Rogue> {
  const keys = await generateKeyPair('RS256')
  const others = await generateKeyPair('RS256')
  const jwk = { ...(await exportJWK(keys.publicKey)), kid: 'one', alg: 'RS256', use: 'sig' }
  const server = createServer((request, response) => {
    void (async () => {
      let body = ''
      for await (const piece of request) body += String(piece)
      const answer = await answerTo(new URL(request.url ?? '/', rogue.issuer).pathname, body)
      response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' })
      response.end(JSON.stringify(answer ?? {}))
    })()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const rogue: Rogue = {
    issuer,
    clientId: 'frostgate',
    nonce: '',
    claims: (usual) => usual,
    forged: false,
    metadata: {},
    asked: [],
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve()
        })
        server.closeAllConnections()
      }),
  }
  async function answerTo(path: string, body: string): Promise<unknown> {
    if (path === '/.well-known/openid-configuration')
      return {
        issuer,
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${issuer}/token`,
        jwks_uri: `${issuer}/keys`,
        response_types_supported: ['code'],
        id_token_signing_alg_values_supported: ['RS256'],
        ...rogue.metadata,
      }
    if (path === '/keys') return { keys: [jwk] }
    if (path !== '/token') return undefined
    rogue.asked.push(new URLSearchParams(body))
    const now = Math.floor(Date.now() / 1000)
    const usual = {
      iss: issuer,
      aud: 'frostgate',
      sub: 'mallory',
      nonce: rogue.nonce,
      iat: now,
      exp: now + 300,
      groups: ['data-stewards'],
    }
    const token = await new SignJWT(rogue.claims(usual))
      .setProtectedHeader({ alg: 'RS256', kid: 'one' })
      .sign(rogue.forged ? others.privateKey : keys.privateKey)
    return {
      access_token: 'an-access-token',
      token_type: 'Bearer',
      expires_in: 60,
      id_token: token,
    }
  }
  return rogue
}
