import { createServer } from 'node:http'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { sealBundle } from '../../../sidecar/control/digest.ts'
import { expectRefusal } from '../../support/client.ts'
import { closeServer, listen } from '../../support/server.ts'
import { startWorld, type TestGateway, type World } from '../../support/gateway.ts'
import { isAgentStatement, json, type Reply } from '../../support/upstream.ts'

let world: World
let gateway: TestGateway
/** Everything the client received, chunks included. */
let received = ''
/** What it logged in with. */
const tokens: string[] = []

beforeAll(async () => {
  world = await startWorld()
  gateway = await world.gateway({ chunkTimeoutMs: 300 })
  await anUnpleasantAfternoon()
})

afterAll(async () => {
  await world.close()
})

/** Good and bad requests of many kinds, against a Snowflake that fails in many ways. */
async function anUnpleasantAfternoon(): Promise<void> {
  const keep = (answer: { readonly text: string }) => (received += answer.text)
  const token = await world.mint()
  const expired = await world.issuer.mint({ subject: 'a', groups: [], expiresIn: -60 })
  const nobody = await world.issuer.mint({ subject: 'nobody', groups: ['none'] })
  tokens.push(token, expired, nobody)
  for (const each of [expired, nobody, `${token}x`, `x${token}`])
    keep(await gateway.client.login(each))
  keep(await gateway.client.login(token))
  const session = await gateway.client.open(token)
  const statements = [
    'SELECT ssn FROM health.phi.patients',
    'SELECT * FROM health.phi.patient_directory',
    "SELECT id FROM health.phi.patients WHERE ssn = '900-12-3456'",
    'SELECT TO_NUMBER(ssn) FROM health.phi.patients',
    'SELECT TO_DATE(name) FROM health.phi.patients',
    'SELECT 1/0 FROM health.phi.patients',
    'SELECT nothing FROM health.phi.patients',
    'SELECT * FROM health.phi.nothing',
    'DROP TABLE health.phi.patients',
    'SELECT FROM WHERE',
  ]
  for (const sql of statements) {
    keep(await session.query(sql))
    keep(await session.query(sql, { body: { describeOnly: true } }))
  }
  const faults: readonly Reply[] = [
    { status: 500, text: 'at Object.<anonymous> (/srv/app/secret.js:1:1)' },
    { text: '<html>900-12-3456</html>' },
    'die',
    json({ success: false, code: '390112', message: 'expired', data: null }),
    json({ success: true, code: null, message: null, data: { command: 'UPLOAD' } }),
  ]
  for (const fault of faults) {
    world.upstream.script = (request) => (isAgentStatement(request) ? fault : undefined)
    const doomed = await gateway.client.open(token)
    keep(await doomed.query('SELECT ssn FROM health.phi.patients'))
    keep(await doomed.logout())
  }
  world.upstream.script = undefined
  const { data } = await session.query('SELECT order_id FROM analytics.public.orders')
  const [chunk] = data['chunks'] as readonly { url: string }[]
  const headers = data['chunkHeaders'] as Record<string, string>
  for (const kind of ['hang', 'dieMidBody', 'html'] as const) {
    world.chunkFault = { kind }
    const text = fetch(chunk?.url ?? '', { headers }).then((response) => response.text())
    keep({ text: await text.catch(() => '') })
  }
  world.chunkFault = undefined
  keep(await gateway.client.send('GET', new URL(chunk?.url ?? '').pathname))
  keep(await gateway.client.send('GET', `/x/${session.token}/${session.master}`))
  keep(await session.logout())
}

/** Tokens and JWTs with which the gateway spoke to Snowflake. */
function upstreamSecrets(): readonly string[] {
  const secrets = world.upstream.seen.flatMap(({ token, body }) => {
    const login = body['data'] as Record<string, unknown> | undefined
    return [token, login?.['TOKEN'], body['oldSessionToken']]
  })
  return [...new Set(secrets.filter((secret) => typeof secret === 'string'))]
}

function keySecrets(): readonly string[] {
  const pem = world.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  return pem.split('\n').filter((line) => line.length > 40 || line.includes('PRIVATE'))
}

async function rawSsns(): Promise<readonly string[]> {
  const rows = await world.warehouse.execute(
    'SELECT ssn FROM health.phi.patients WHERE ssn IS NOT NULL',
  )
  return rows.flatMap(([ssn]) => (typeof ssn === 'string' ? [ssn] : []))
}

function expectNone(text: string, secrets: readonly string[]): void {
  expect(secrets.length).toBeGreaterThan(0)
  expect(secrets.filter((secret) => text.includes(secret))).toEqual([])
}

describe('after an unpleasant afternoon', () => {
  test('the client has seen masks', () => {
    expect(received).toMatch(/\*{7}\d{4}/)
  })

  test('the client has seen no credential of Snowflake, no key, no raw SSN', async () => {
    expectNone(received, [...upstreamSecrets(), ...keySecrets(), ...(await rawSsns())])
    expectNone(received, tokens)
  })

  test('the client has seen no stack trace, and no path or address behind the gateway', () => {
    expect(received).not.toMatch(/node_modules|node:internal|\.ts:\d|\/srv\/|at async|at Object/)
    expectNone(received, [world.warehouse.url, world.warehouse.storageUrl, process.cwd()])
  })

  test('the log holds none of it, and no token of the gateway either', async () => {
    const log = gateway.log()
    expect(log).toContain('refused')
    expectNone(log, [...upstreamSecrets(), ...keySecrets(), ...(await rawSsns()), ...tokens])
    expect(log).not.toMatch(/fg-(session|master|chunk)-[\w-]{8}/)
  })

  test('the recording holds none of it either', async () => {
    const text = JSON.stringify(await gateway.events())
    expect(text).toContain('statement.finished')
    expectNone(text, [...upstreamSecrets(), ...keySecrets(), ...(await rawSsns()), ...tokens])
    expect(text).not.toMatch(/fg-(session|master|chunk)-[\w-]{8}/)
  })
})

test('an identity provider that answers nonsense is not quoted', async () => {
  const provider = createServer((_request, response) => response.end('<html>canary-5tr0ng</html>'))
  const issuer = await listen(provider)
  const { connection } = world.bundle
  const lost = await world.gateway({
    bundle: sealBundle({
      ...world.bundle,
      connection: {
        ...connection,
        identityProviders: connection.identityProviders.map((each) => ({ ...each, issuer })),
      },
    }),
  })
  const token = await world.issuer.mint({ subject: 'a', claims: { iss: issuer } })
  const answer = await lost.client.login(token)
  await closeServer(provider)
  expectRefusal(answer, 'IdentityProviderUnavailable')
  expect(answer.text).not.toMatch(/canary|<html/)
})
