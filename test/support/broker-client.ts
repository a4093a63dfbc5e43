/** A sidecar as the broker sees one: a key, DPoP proofs made with jose, and calls over TLS. */

import { createHash, randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { Agent, request } from 'node:https'

import { SignJWT, exportJWK, generateKeyPair, type CryptoKey, type JWK } from 'jose'

import { protocolVersion, type Enrolment, type Notice } from '../../sidecar/control/protocol.ts'
import { isObject, type JsonObject } from '../../sidecar/json.ts'

export interface BrokerAddress {
  /** As in proofs. */
  readonly origin: string
  readonly port: number
  /** CA certificates, PEM. */
  readonly trust: string
}

export interface SidecarKey {
  readonly privateKey: CryptoKey
  readonly jwk: JWK
}

export interface BrokerAnswer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly bytes: Buffer
  /** Empty if the answer is not a JSON object. */
  readonly body: JsonObject
}

/** What a test changes of a call. */
export interface CallOptions {
  readonly method?: string
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  /** Instead of a proof of this client's; null sends none. */
  readonly proof?: string | null
  readonly claims?: JsonObject
  readonly accessToken?: string
}

export async function makeSidecarKey(): Promise<SidecarKey> {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true })
  return { privateKey, jwk: await exportJWK(publicKey) }
}

/** `ath` is left out if there is no access token. */
export async function makeProof(
  key: SidecarKey,
  claims: JsonObject,
  header: JsonObject = {},
): Promise<string> {
  return await new SignJWT({ jti: randomUUID(), iat: Math.floor(Date.now() / 1000), ...claims })
    .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk: key.jwk, ...header })
    .sign(key.privateKey)
}

export class TestSidecar {
  readonly address: BrokerAddress
  readonly key: SidecarKey
  trust: string
  enrolment: Enrolment | undefined
  /** Milliseconds since the epoch. */
  now: () => number = Date.now
  readonly #agent: Agent

  /** `localAddress` is where it calls from: the broker counts enrolments by address. */
  constructor(address: BrokerAddress, key: SidecarKey, localAddress = '127.0.0.1') {
    this.address = address
    this.key = key
    this.trust = address.trust
    this.#agent = new Agent({ keepAlive: true, localAddress })
  }

  async enrol(token: string, options: CallOptions = {}): Promise<BrokerAnswer> {
    const body = { protocol: protocolVersion, token }
    const answer = await this.call('/v1/enrol', { method: 'POST', body, ...options })
    if (answer.status === 200) {
      this.enrolment = answer.body as unknown as Enrolment
      this.trust = this.enrolment.trust
    }
    return answer
  }

  async call(path: string, options: CallOptions = {}): Promise<BrokerAnswer> {
    const response = await this.#send(path, options)
    const pieces: Buffer[] = []
    for await (const piece of response as AsyncIterable<Buffer>) pieces.push(piece)
    const bytes = Buffer.concat(pieces)
    return {
      status: response.statusCode ?? 0,
      headers: response.headers,
      bytes,
      body: objectOf(bytes),
    }
  }

  async stream(): Promise<TestStream> {
    const response = await this.#send('/v1/stream', {})
    if (response.statusCode !== 200) {
      response.destroy()
      throw new Error(`the stream was refused with ${response.statusCode ?? 0}`)
    }
    return new TestStream(response)
  }

  close(): void {
    this.#agent.destroy()
  }

  async proof(path: string, options: CallOptions = {}): Promise<string> {
    const token = options.accessToken ?? this.enrolment?.accessToken
    const [plain = path] = path.split('?')
    const ath =
      token === undefined || plain === '/v1/enrol'
        ? {}
        : { ath: createHash('sha256').update(token).digest('base64url') }
    return await makeProof(this.key, {
      iat: Math.floor(this.now() / 1000),
      htm: options.method ?? 'GET',
      htu: `${this.address.origin}${plain}`,
      ...ath,
      ...options.claims,
    })
  }

  async #send(path: string, options: CallOptions): Promise<IncomingMessage> {
    const proof = options.proof === undefined ? await this.proof(path, options) : options.proof
    const token = options.accessToken ?? this.enrolment?.accessToken
    const { body } = options
    const bytes =
      body === undefined || body instanceof Uint8Array ? body : Buffer.from(JSON.stringify(body))
    return await new Promise((resolve, reject) => {
      const call = request({
        agent: this.#agent,
        host: '127.0.0.1',
        port: this.address.port,
        servername: new URL(this.address.origin).hostname,
        ca: this.trust,
        method: options.method ?? 'GET',
        path,
        headers: {
          ...(proof === null ? {} : { dpop: proof }),
          ...(token === undefined || path === '/v1/enrol'
            ? {}
            : { authorization: `DPoP ${token}` }),
          ...options.headers,
        },
      })
      call.on('response', resolve)
      call.on('error', reject)
      call.end(bytes)
    })
  }
}

/** Notices as they come. */
export class TestStream {
  readonly notices: Notice[] = []
  readonly ended: Promise<void>
  readonly #response: IncomingMessage
  readonly #waiting = new Set<() => void>()

  constructor(response: IncomingMessage) {
    this.#response = response
    let rest = ''
    response.setEncoding('utf8')
    response.on('data', (piece: string) => {
      const lines = `${rest}${piece}`.split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) this.notices.push(JSON.parse(line) as Notice)
      for (const wake of this.#waiting) wake()
    })
    this.ended = new Promise((resolve) => {
      response.on('close', resolve)
    })
    response.on('error', () => undefined)
  }

  /** The first notice, come or coming, that fits. Rejects after `ms`. */
  async next<T extends Notice['type']>(
    type: T,
    fits: (notice: Extract<Notice, { type: T }>) => boolean = () => true,
    ms = 3_000,
  ): Promise<Extract<Notice, { type: T }>> {
    const find = () =>
      this.notices.find(
        (notice): notice is Extract<Notice, { type: T }> =>
          notice.type === type && fits(notice as Extract<Notice, { type: T }>),
      )
    return await new Promise((resolve, reject) => {
      const look = (): void => {
        const found = find()
        if (found === undefined) return
        clearTimeout(timer)
        this.#waiting.delete(look)
        resolve(found)
      }
      const timer = setTimeout(() => {
        this.#waiting.delete(look)
        reject(new Error(`no notice ${type} came within ${ms} ms`))
      }, ms)
      this.#waiting.add(look)
      look()
    })
  }

  /** The reader stops reading, and says nothing. */
  stall(): void {
    this.#response.pause()
    this.#response.socket.pause()
  }

  close(): void {
    this.#response.destroy()
  }
}

function objectOf(bytes: Buffer): JsonObject {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'))
    return isObject(value) ? value : {}
  } catch {
    return {}
  }
}
