import { createHash, createPublicKey, generateKeyPairSync } from 'node:crypto'
import { SignJWT, importPKCS8 } from 'jose'
import {
  startWarehouse,
  type Warehouse,
  type WarehouseOptions,
} from '../../../examples/warehouse/warehouse.ts'

export const ACCOUNT = 'ACME'
export const USER = 'FROSTGATE_AGENTS'

function keyPair(): { readonly publicKey: string; readonly privateKey: string } {
  return generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
}

export const keys = keyPair()
export const otherKeys = keyPair()

/** A small warehouse: enough rows for chunks of 100. */
export function smallWarehouse(options: Partial<WarehouseOptions> = {}): Promise<Warehouse> {
  return startWarehouse({
    account: ACCOUNT,
    users: [
      {
        name: USER,
        publicKeyPem: keys.publicKey,
        defaultRole: 'AGENT_READER',
        roles: ['AGENT_READER', 'AUDITOR'],
        defaultWarehouse: 'AGENT_WH',
      },
    ],
    seed: { patients: 300, orders: 500 },
    chunkRows: 100,
    ...options,
  })
}

interface JwtChanges {
  readonly iss?: string
  readonly sub?: string
  readonly iat?: number
  readonly exp?: number
  readonly privateKey?: string
  readonly alg?: string
}

/** A key-pair JWT as a driver signs it, or one wrong in the given way. */
export async function keyPairJwt(changes: JwtChanges = {}): Promise<string> {
  const now = Math.floor(Date.now() / 1000)
  const der = createPublicKey(keys.publicKey).export({ type: 'spki', format: 'der' })
  const fingerprint = `SHA256:${createHash('sha256').update(der).digest('base64')}`
  const claims = {
    iss: changes.iss ?? `${ACCOUNT}.${USER}.${fingerprint}`,
    sub: changes.sub ?? `${ACCOUNT}.${USER}`,
    iat: changes.iat ?? now,
    exp: changes.exp ?? now + 60,
  }
  const key = await importPKCS8(changes.privateKey ?? keys.privateKey, changes.alg ?? 'RS256')
  return new SignJWT(claims).setProtectedHeader({ alg: changes.alg ?? 'RS256' }).sign(key)
}

/** The members of an answer's `data` that the tests look at. */
export interface AnswerData {
  readonly queryId: string
  readonly token: string
  readonly masterToken: string
  readonly sessionToken: string
  readonly sessionId: number
  readonly sessionInfo: Readonly<Record<string, string | null>>
  readonly parameters: readonly { readonly name: string; readonly value: unknown }[]
  readonly rowset: readonly (readonly (string | null)[])[]
  readonly rowtype: readonly RowType[]
  readonly chunks?: readonly {
    readonly url: string
    readonly rowCount: number
    readonly uncompressedSize: number
    readonly compressedSize: number
  }[]
  readonly chunkHeaders?: Readonly<Record<string, string>>
  readonly queries: readonly Readonly<Record<string, unknown>>[]
  readonly [key: string]: unknown
}

export interface RowType {
  readonly name: string
  readonly type: string
  readonly length: number | null
  readonly precision: number | null
  readonly scale: number | null
  readonly nullable: boolean
  readonly [key: string]: unknown
}

export interface Answer {
  readonly status: number
  readonly success: boolean
  readonly code: string | null
  readonly message: string
  readonly data: AnswerData
}

/** A client without manners: sends just what it is told. */
export class RawClient {
  readonly url: string
  token = ''
  masterToken = ''

  constructor(url: string) {
    this.url = url
  }

  async send(method: string, path: string, body?: unknown, token = this.token): Promise<Answer> {
    const response = await fetch(this.url + path, {
      method,
      headers: { 'content-type': 'application/json', authorization: `Snowflake Token="${token}"` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    return { status: response.status, ...((await response.json()) as Omit<Answer, 'status'>) }
  }

  async login(query = '', data: Readonly<Record<string, unknown>> = {}): Promise<Answer> {
    const answer = await this.send('POST', `/session/v1/login-request${query}`, {
      data: {
        AUTHENTICATOR: 'SNOWFLAKE_JWT',
        TOKEN: await keyPairJwt(),
        LOGIN_NAME: USER,
        ...data,
      },
    })
    if (answer.success) {
      this.token = answer.data.token
      this.masterToken = answer.data.masterToken
    }
    return answer
  }

  query(
    sqlText: string,
    more: Readonly<Record<string, unknown>> = {},
    requestId = crypto.randomUUID(),
  ): Promise<Answer> {
    return this.send('POST', `/queries/v1/query-request?requestId=${requestId}`, {
      sqlText,
      ...more,
    })
  }
}
