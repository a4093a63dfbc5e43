/** `doctor --login`, against the example's warehouse over loopback: the login is a real one. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import type { Api, Doctor, Finding, Json, Network } from '../../../cli/doctor/finding.ts'
import { loginFailure } from '../../../cli/doctor/login-failures.ts'
import { loginCheck } from '../../../cli/doctor/login.ts'
import { systemNetwork } from '../../../cli/doctor/network.ts'
import { startWarehouse, type Warehouse } from '../../../examples/warehouse/warehouse.ts'
import { keyPair } from '../../cluster/support/frostgate.ts'
import { json, startUpstream } from '../../support/upstream.ts'

const keys = keyPair()
const other = keyPair()
let warehouse: Warehouse
let host = ''

beforeAll(async () => {
  warehouse = await startWarehouse({
    account: 'LOCALHOST',
    users: [
      {
        name: 'FROSTGATE_AGENTS',
        publicKeyPem: keys.publicKey,
        defaultRole: 'AGENT_READER',
        roles: ['AGENT_READER'],
        defaultWarehouse: 'AGENT_WH',
        warehouses: ['AGENT_WH'],
      },
    ],
  })
  host = new URL(warehouse.url).host
})

afterAll(async () => {
  await warehouse.close()
})

class Refused extends Error {
  readonly status: number

  constructor(status: number) {
    super(`HTTP ${status}`)
    this.status = status
  }
}

interface Given {
  readonly spec?: object
  readonly secret?: Json | Refused
  readonly network?: Partial<Network>
  readonly now?: () => number
  readonly login?: readonly string[] | undefined
}

const base64 = (text: string) => Buffer.from(text).toString('base64')

function run(given: Given = {}): Promise<readonly Omit<Finding, 'check'>[]> {
  const connection = {
    apiVersion: 'frostgate.dev/v1alpha1',
    kind: 'SnowflakeConnection',
    metadata: { namespace: 'frostgate', name: 'acme' },
    spec: {
      host,
      user: 'FROSTGATE_AGENTS',
      role: 'AGENT_READER',
      warehouse: 'agent_wh',
      credential: { keyPair: { secretRef: { name: 'acme-key' } } },
      ...given.spec,
    },
  }
  const secret = given.secret ?? { data: { privateKey: base64(keys.privateKey) } }
  const api: Api = {
    get: (path) => {
      const found = path.endsWith('/snowflakeconnections/acme')
        ? connection
        : path.endsWith('/secrets/acme-key')
          ? secretObject(secret)
          : new Refused(404)
      return found instanceof Refused ? Promise.reject(found) : Promise.resolve(found as Json)
    },
    list: () => Promise.resolve([connection]),
    post: () => Promise.reject(new Refused(403)),
    serverTime: () => Promise.resolve(undefined),
  }
  const doctor: Doctor = {
    api,
    namespace: 'frostgate',
    release: 'frostgate',
    version: '0.0.0',
    now: given.now ?? Date.now,
    network: { ...systemNetwork, ...given.network },
    login: 'login' in given ? given.login : ['acme'],
  }
  return loginCheck.run(doctor)
}

function secretObject(secret: Json | Refused): Json | Refused {
  if (secret instanceof Refused) return secret
  const metadata = { namespace: 'frostgate', name: 'acme-key' }
  return { apiVersion: 'v1', kind: 'Secret', metadata, ...secret }
}

describe('frostgate doctor --login', () => {
  it('logs in and says as whom, with which role and warehouse', async () => {
    expect(await run()).toEqual([
      {
        state: 'ok',
        what: 'frostgate/acme logs in from here as FROSTGATE_AGENTS, role AGENT_READER, warehouse AGENT_WH',
      },
    ])
  })

  it('tries all connections where none is named', async () => {
    expect(await run({ login: [] })).toMatchObject([{ state: 'ok' }])
  })

  it('does not log in unless it is asked to', async () => {
    expect(await run({ login: undefined })).toEqual([])
  })

  it('names the fingerprint that Snowflake must know when it refuses the JWT, and no key', async () => {
    const [finding] = await run({ secret: { data: { privateKey: base64(other.privateKey) } } })
    expect(finding).toMatchObject({
      state: 'failed',
      what: expect.stringMatching(/^frostgate\/acme, JWT: JWT token is invalid\. \(code 390144\)$/) as string, // prettier-ignore
      remedy: expect.stringMatching(/DESCRIBE USER FROSTGATE_AGENTS .*SHA256:\S{44}/) as string,
    })
    expect(JSON.stringify(finding)).not.toContain('PRIVATE KEY')
  })

  const cases: readonly (readonly [string, Given, string, RegExp])[] = [
    ['the role', { spec: { role: 'OWNER' } }, 'failed', /, role: Role 'OWNER' .*\(code 390189\)/],
    [
      'the credential',
      { secret: { data: { privateKey: base64('nonsense') } } },
      'failed',
      /, credential: Secret frostgate\/acme-key privateKey is not a private key/,
    ],
    ['a Secret that is not there', { secret: new Refused(404) }, 'failed', /, credential: there is no Secret frostgate\/acme-key/], // prettier-ignore
    ['a right that is missing', { secret: new Refused(403) }, 'skipped', /, credential: you may not read Secret frostgate\/acme-key/], // prettier-ignore
    [
      'a ServiceAccount that you may not speak for',
      { spec: { credential: { workloadIdentity: { audience: 'snowflakecomputing.com' } } } },
      'skipped',
      /, credential: you may not ask for tokens of ServiceAccount frostgate\/frostgate-acme/,
    ],
    [
      'DNS',
      { network: { resolve: () => Promise.reject(Object.assign(new Error(), { code: 'ENOTFOUND' })) } }, // prettier-ignore
      'failed',
      /, DNS: 127\.0\.0\.1 has no address here/,
    ],
    ['the way out', { spec: { host: '127.0.0.1:9' } }, 'failed', /, TCP: 127\.0\.0\.1 .*ECONNREFUSED/], // prettier-ignore
    ['the clock', { now: () => Date.now() + 90_000 }, 'warning', /, clock: this machine is (89|90|91) s ahead/], // prettier-ignore
    ['a connection that is not there', { login: ['acme-2'] }, 'failed', /no SnowflakeConnection frostgate\/acme-2/], // prettier-ignore
  ]
  it.each(cases)('names %s as the step that failed', async (_what, given, state, text) => {
    const [finding] = await run(given)
    expect(finding).toMatchObject({ state, what: expect.stringMatching(text) as string })
    expect(finding?.remedy).toMatch(/\w/)
  })

  it.each([
    ['role', ['PUBLIC', 'AGENT_WH'], /, role: .* with role PUBLIC in place of AGENT_READER/],
    [
      'warehouse',
      ['AGENT_READER', null],
      /, warehouse: .* with warehouse none in place of AGENT_WH/,
    ],
  ] as const)(
    'does not take a login with another %s for one as configured',
    async (_what, row, text) => {
      const upstream = await startUpstream(warehouse.url)
      upstream.script = async ({ path }, forward) => {
        if (!path.endsWith('/query-request')) return undefined
        const answer = await forward()
        return json({ ...answer, data: { ...answer.data, rowset: [row] } })
      }
      const [finding] = await run({
        spec: { host: new URL(upstream.url).host },
        network: { reach: () => Promise.resolve(undefined) },
      })
      await upstream.close()
      expect(finding).toMatchObject({
        state: 'failed',
        what: expect.stringMatching(text) as string,
      })
    },
  )

  const facts = { user: 'U', role: 'R', warehouse: 'W', account: 'A', fingerprint: undefined }
  it.each([
    ['no session (code 390201)', 'warehouse', 'GRANT USAGE ON WAREHOUSE W TO ROLE R'],
    ['Incoming request with IP 192.0.2.7 is not allowed to access Snowflake (code 390422)', 'network policy', 'NETWORK_POLICY'],
    ['Network policy is required. (code 390999)', 'network policy', 'FOR USER U'],
    ['Incorrect username or password (code 390100)', 'user', 'user U'],
    ['something else (code 123456)', 'login', 'LOGIN_HISTORY'],
  ])('reads "%s" as %s', (message, step, remedy) => {
    const found = loginFailure(message, facts)
    expect(found.step).toBe(step)
    expect(found.remedy).toContain(remedy)
  }) // prettier-ignore
})
