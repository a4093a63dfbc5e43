/**
 * FOR TRYING AND TESTING ONLY. An OIDC issuer that gives a token to whoever asks, for any identity
 * they name. It stands in for Okta, GitHub or a cluster, so that the gateway can be tried without
 * one. Never name it in a SnowflakeConnection that reaches real data.
 *
 * It listens on 127.0.0.1 alone. Web pages could still reach it there, so it refuses requests that
 * carry an Origin, and those whose Host is not loopback (DNS rebinding).
 */

import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'

import { SignJWT } from 'jose'

import { KeyRing, type KeyAlgorithm } from './keys.ts'
import { isLoopbackHost } from './address.ts'
import { readTokenRequest, TokenRequestError, type MintRequest } from './token-request.ts'

export interface IssuerOptions {
  /** 0 for any free one. */
  readonly port: number
  /** Milliseconds since the epoch. */
  readonly now?: () => number
  /** Default RS256. */
  readonly keyAlgorithm?: KeyAlgorithm
}

export interface Issuer {
  /** Its `iss`, without a trailing slash. */
  readonly url: string
  readonly port: number
  /** A signed JWT. */
  mint(request: MintRequest): Promise<string>
  /** Signs with a new key from now on. */
  rotate(options?: { readonly keepOld?: boolean }): Promise<void>
  close(): Promise<void>
}

interface Answer {
  readonly status: number
  readonly body: unknown
}

type Route = (request: IncomingMessage) => Answer | Promise<Answer>

const warning = 'for trying only: this issuer gives a token to whoever asks'
const maxBodyBytes = 64 * 1024

/** Starts the issuer on 127.0.0.1. Rejects if the port is taken (`EADDRINUSE`). */
export async function startIssuer(options: IssuerOptions): Promise<Issuer> {
  const { now = Date.now, keyAlgorithm = 'RS256' } = options
  const keys = await KeyRing.create(keyAlgorithm)
  const server = createServer()
  server.listen(options.port, '127.0.0.1')
  await once(server, 'listening')
  const port = portOf(server)
  const url = `http://127.0.0.1:${port}`

  const mint = async (request: MintRequest): Promise<string> => {
    const { subject, groups = [], audience = 'frostgate', expiresIn = 3600, claims = {} } = request
    const issuedAt = Math.floor(now() / 1000)
    const { privateKey, kid } = keys.current
    return new SignJWT({
      iss: url,
      sub: subject,
      aud: typeof audience === 'string' ? audience : [...audience],
      iat: issuedAt,
      exp: issuedAt + expiresIn,
      jti: randomUUID(),
      groups: [...groups],
      ...claims,
    })
      .setProtectedHeader({ alg: keyAlgorithm, kid, typ: 'JWT' })
      .sign(privateKey)
  }

  const routes: Readonly<Record<string, Route>> = {
    'GET /.well-known/openid-configuration': () => ok(discovery(url, keyAlgorithm)),
    'GET /jwks': () => ok({ keys: keys.published }),
    'POST /token': async (request) => {
      const asked = readTokenRequest(request.headers['content-type'], await bodyOf(request))
      const token = await mint(asked)
      return ok({ access_token: token, token_type: 'Bearer', expires_in: asked.expiresIn })
    },
  }
  server.on('request', (request, response) => {
    void answerTo(request, routes).then((answer) => {
      send(response, answer)
    })
  })

  return {
    url,
    port,
    mint,
    rotate: ({ keepOld = true } = {}) => keys.rotate(keepOld),
    close: async () => {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

async function answerTo(
  request: IncomingMessage,
  routes: Readonly<Record<string, Route>>,
): Promise<Answer> {
  if (request.headers.origin !== undefined) return refusal(403, 'Web pages may not ask for tokens.')
  if (!isLoopbackHost(request.headers.host)) {
    return refusal(403, 'This issuer is reached by a loopback name only.')
  }
  const name = `${request.method ?? ''} ${(request.url ?? '').split('?')[0] ?? ''}`
  const route = Object.hasOwn(routes, name) ? routes[name] : undefined
  if (route === undefined) return refusal(404, 'There is nothing here.')
  try {
    return await route(request)
  } catch (error) {
    if (error instanceof TokenRequestError) return refusal(400, error.message)
    return refusal(500, 'The token could not be made.')
  }
}

/** OpenID Connect Discovery 1.0, section 3, as far as a verifier of tokens reads it. */
function discovery(url: string, algorithm: KeyAlgorithm): unknown {
  return {
    issuer: url,
    jwks_uri: `${url}/jwks`,
    token_endpoint: `${url}/token`,
    response_types_supported: ['token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: [algorithm],
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of request) {
    parts.push(part as Buffer)
    bytes += (part as Buffer).length
    if (bytes > maxBodyBytes) throw new TokenRequestError('The body is too large.')
  }
  return Buffer.concat(parts).toString('utf8')
}

function ok(body: unknown): Answer {
  return { status: 200, body }
}

/** In the shape of RFC 6749, section 5.2. */
function refusal(status: number, description: string): Answer {
  return { status, body: { error: 'invalid_request', error_description: description } }
}

function send(response: ServerResponse, { status, body }: Answer): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    'x-frostgate-warning': warning,
  })
  response.end(JSON.stringify(body))
}

function portOf(server: Server): number {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The issuer has no port.')
  return address.port
}
