import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { canaryStatements, comment } from './canary-statements.ts'
import { secretFinder, ssnFinder, type Finder, type Secret } from './canaries.ts'
import { captureAgents, type Capture } from './capture.ts'
import {
  issuedSecrets,
  loginTokens,
  queryIds,
  requestIds,
  textsOf,
  tokenSecrets,
  trafficOf,
  type Traffic,
} from './traffic.ts'

const described = 'SELECT ssn FROM health.phi.patients'

let folder: string
let seen: Capture
let agentTraffic: Traffic
let warehouseTraffic: Traffic

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'frostgate-canary-'))
  const statements = canaryStatements.map(({ sql }) => sql)
  seen = await captureAgents({ folder, masked: true, statements, described })
  agentTraffic = trafficOf(seen.agentSide)
  warehouseTraffic = trafficOf(seen.warehouseSide)
})

afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
})

const all = (texts: readonly string[], find: Finder): readonly string[] => texts.flatMap(find)

const received = (): readonly string[] => [
  ...textsOf(seen.agentSide, 'received'),
  seen.agent.stdout,
  seen.agent.stderr,
]

/** What the agent's process is and has, beyond what came by the wire. */
const process = (): readonly string[] => [
  seen.agent.environment,
  ...seen.agent.files.keys(),
  ...seen.agent.files.values(),
]

/** What only the gateway may hold. */
const upstreamSecrets = (): readonly Secret[] => [
  ...issuedSecrets('warehouse', warehouseTraffic),
  ...loginTokens('gateway', warehouseTraffic),
  ...seen.privateKey,
]

/** What only the agent and the gateway may hold. */
const agentSecrets = (): readonly Secret[] => [
  ...issuedSecrets('gateway', agentTraffic),
  ...tokenSecrets('OIDC token', seen.oidcToken),
]

describe('what was captured', () => {
  test('is every statement, with rows or an error as planned', () => {
    const outcomes = seen.agent.answers.map(({ sql, error, total = 0 }) => ({
      sql,
      outcome: error ? 'error' : total > 0 ? 'rows' : 'no rows',
    }))
    expect(outcomes).toEqual(canaryStatements)
  })

  test('is the traffic on both sides, chunks included', () => {
    const chunks = (traffic: Traffic): number =>
      traffic.requests.filter(({ start }) => /^GET \/(?:chunks|results)\//.test(start)).length
    expect(chunks(agentTraffic)).toBeGreaterThan(5)
    expect(chunks(warehouseTraffic)).toBe(chunks(agentTraffic))
    expect(agentTraffic.answers).toHaveLength(agentTraffic.requests.length)
    expect(warehouseTraffic.answers).toHaveLength(warehouseTraffic.requests.length)
    expect(seen.recorded.length).toBeGreaterThan(5)
  })

  test('names the secrets of both sides', () => {
    const names = new Set([...upstreamSecrets(), ...agentSecrets()].map(({ name }) => name))
    expect([...names].sort()).toEqual([
      'OIDC token',
      'OIDC token, its signature',
      'gateway: chunk address',
      'gateway: login token',
      'gateway: login token, its signature',
      'gateway: masterToken',
      'gateway: token',
      'gateway: x-frostgate-chunk-key',
      'private key',
      'warehouse: chunk address',
      'warehouse: masterToken',
      'warehouse: token',
      'warehouse: x-amz-server-side-encryption-customer-key',
    ])
    expect(seen.ssns.length).toBeGreaterThan(9_000)
  })
})

describe('the agent', () => {
  test('receives no raw SSN', () => {
    expect(all(received(), ssnFinder(seen.ssns))).toEqual([])
  })

  test('receives no value in an error, not even a mask', () => {
    const messages = seen.agent.answers.flatMap(({ error }) => (error ? [error.message] : []))
    expect(messages.filter((message) => /\*\*|\d{4}'/.test(message))).toEqual([])
  })

  test('receives no token, key, address or query id of the warehouse', () => {
    const secrets = [...upstreamSecrets(), ...queryIds('warehouse', warehouseTraffic)]
    expect(all(received(), secretFinder(secrets))).toEqual([])
  })

  test('has neither in its environment or its files', () => {
    expect(seen.agent.environment).toContain('SNOWFLAKE_TOKEN_FILE=')
    expect([...seen.agent.files.keys()].map((path) => path.slice(folder.length))).toContain(
      '/agent/token',
    )
    expect(all(process(), ssnFinder(seen.ssns))).toEqual([])
    expect(all(process(), secretFinder(upstreamSecrets()))).toEqual([])
  })
})

describe('the recording', () => {
  test('holds no raw SSN, in its lines or its blobs', () => {
    expect(all(seen.recorded, ssnFinder(seen.ssns))).toEqual([])
  })

  test('holds no token and no key of either side', () => {
    const find = secretFinder([...upstreamSecrets(), ...agentSecrets()])
    expect(all(seen.recorded, find)).toEqual([])
  })
})

describe('the warehouse', () => {
  test("receives nothing of the agent's but what its statements mean", () => {
    const secrets = [
      ...agentSecrets(),
      ...requestIds('agent', agentTraffic),
      { name: 'comment', value: comment },
    ]
    expect(textsOf(seen.agentSide, 'sent').join()).toContain(comment)
    expect(secrets.filter(({ name }) => name === 'agent: requestId').length).toBeGreaterThan(30)
    expect(all(textsOf(seen.warehouseSide, 'sent'), secretFinder(secrets))).toEqual([])
  })
})

describe('the search', () => {
  test('finds the SSNs that the same agent receives where nothing is masked', async () => {
    const open = await captureAgents({
      folder: join(folder, 'unmasked'),
      masked: false,
      statements: [
        "SELECT REPLACE(ssn, '-', '') AS a, REVERSE(ssn) AS b FROM health.phi.patients LIMIT 9",
        'SELECT BASE64_ENCODE(ssn) AS a, HEX_ENCODE(ssn) AS b, LEFT(ssn, 6) AS c FROM health.phi.patients LIMIT 9',
        'SELECT MD5(ssn) AS a, SHA2(ssn, 256) AS b FROM health.phi.patients LIMIT 9',
        'SELECT ssn FROM health.phi.patients',
      ],
      described,
    })
    const find = ssnFinder(open.ssns)
    const found = all(textsOf(open.agentSide, 'received'), find)
    const forms = new Set(found.map((text) => text.replace(/ \(.*/, '')))
    expect([...forms].sort()).toEqual([
      'MD5 of an SSN',
      'SHA-256 of an SSN',
      'SSN',
      'SSN backwards',
      'SSN in Base64',
      'SSN in hexadecimal',
      'SSN without hyphens',
      'beginning of an SSN',
    ])
    // In a chunk, which is zipped on the wire and in the recording.
    const bodies = trafficOf(open.agentSide).answers.filter(({ start, headers }) => {
      return start.includes('200') && headers.get('content-type') === 'binary/octet-stream'
    })
    expect(bodies.flatMap(({ body }) => find(body.toString('utf8')))).not.toEqual([])
    expect(open.recorded.slice(1).flatMap(find)).not.toEqual([])
  })

  test("finds each side's secrets where they belong", () => {
    const issued = issuedSecrets('warehouse', warehouseTraffic)
    const found = new Set(all(textsOf(seen.warehouseSide, 'received'), secretFinder(issued)))
    expect(found).toEqual(new Set(issued.map(({ name }) => name)))
    const sent = textsOf(seen.agentSide, 'sent')
    expect(all(sent, secretFinder(tokenSecrets('OIDC token', seen.oidcToken)))).not.toEqual([])
  })
})
