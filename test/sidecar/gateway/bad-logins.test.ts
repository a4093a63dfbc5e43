import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { expectRefusal } from '../../support/client.ts'
import { startWorld, type TestGateway, type World } from '../../support/gateway.ts'

let world: World
let gateway: TestGateway

beforeAll(async () => {
  world = await startWorld()
  gateway = await world.gateway()
})

afterAll(async () => {
  await world.close()
})

const path = '/session/v1/login-request'

async function refusedLogins(): Promise<number> {
  return (await gateway.events()).filter(({ type }) => type === 'login.refused').length
}

describe('a login without a token of an identity provider is refused before Snowflake hears of it', () => {
  test.each([
    ['no body', 'TokenMissing', ''],
    ['null', 'TokenMissing', 'null'],
    ['an empty object', 'TokenMissing', '{}'],
    ['data as a list', 'TokenMissing', '{"data":[1,2]}'],
    ['data as text', 'TokenMissing', '{"data":"TOKEN"}'],
    ['a token that is null', 'TokenMissing', '{"data":{"AUTHENTICATOR":"OAUTH","TOKEN":null}}'],
    ['a token that is a list', 'TokenMissing', '{"data":{"AUTHENTICATOR":"OAUTH","TOKEN":["x"]}}'],
    ['a token that is a number', 'TokenMissing', '{"data":{"AUTHENTICATOR":"OAUTH","TOKEN":1e999}}'],
    ['a key-pair login', 'TokenMissing', '{"data":{"AUTHENTICATOR":"SNOWFLAKE_JWT","TOKEN":"a.b.c"}}'],
    ['an authenticator named __proto__', 'TokenMissing', '{"data":{"AUTHENTICATOR":"__proto__","TOKEN":"a.b.c"}}'],
    ['an authenticator named constructor', 'TokenMissing', '{"data":{"AUTHENTICATOR":"constructor","TOKEN":"a.b.c"}}'],
    ['__proto__ with a token', 'TokenMissing', '{"data":{"__proto__":{"AUTHENTICATOR":"OAUTH","TOKEN":"a.b.c"}}}'],
    ['a browser login', 'TokenMissing', '{"data":{"AUTHENTICATOR":"EXTERNALBROWSER","TOKEN":"a.b.c","PROOF_KEY":"x"}}'],
    ['a SAML login', 'TokenMissing', '{"data":{"RAW_SAML_RESPONSE":"<x/>"}}'],
    ['a password', 'TokenMalformed', '{"data":{"LOGIN_NAME":"a","PASSWORD":"hunter2"}}'],
    ['a token of no issuer', 'TokenIssuerUnknown', '{"data":{"AUTHENTICATOR":"OAUTH","TOKEN":"e30.e30.x"}}'],
    ['a very long token', 'TokenMalformed', `{"data":{"TOKEN":"${'x'.repeat(20_000)}"}}`],
  ])('%s', async (_what, entry, body) => {
    const before = await refusedLogins()
    const seen = world.upstream.seen.length
    const answer = await gateway.client.send('POST', path, { body })
    expectRefusal(answer, entry)
    // Any other makes the Python connector ask its user questions.
    expect(answer.data['nextAction']).toBe('RETRY_LOGIN')
    expect(await refusedLogins()).toBe(before + 1)
    expect(world.upstream.seen).toHaveLength(seen)
    expect(answer.text).not.toContain('hunter2')
  }) // prettier-ignore

  test('is recorded with what the token claims', async () => {
    const expired = await world.issuer.mint({ subject: 'agent-9', groups: [], expiresIn: -60 })
    const body = JSON.stringify({ data: { AUTHENTICATOR: 'OAUTH', TOKEN: expired } })
    expectRefusal(await gateway.client.send('POST', path, { body }), 'TokenExpired')
    expect((await gateway.events()).at(-1)).toMatchObject({
      type: 'login.refused',
      claimed: { issuer: world.issuer.url, subject: 'agent-9' },
    })
  })

  test.each([
    ['roleName', 'ACCOUNTADMIN'],
    ['roleName', '"agent_reader"'],
    ['roleName', '__proto__'],
    ['warehouse', 'HUGE_WH'],
    ['warehouse', "X' OR 1=1"],
  ])('%s %s is not granted', async (name, value) => {
    const seen = world.upstream.seen.length
    const answer = await gateway.client.login(await world.mint(), { query: { [name]: value } })
    expectRefusal(answer, 'SessionChoiceUnavailable')
    expect(world.upstream.seen).toHaveLength(seen)
  })
})

describe('a login that is let in', () => {
  test('goes upstream with fields of the gateway alone', async () => {
    const from = world.upstream.seen.length
    const session = await gateway.login({
      query: { roleName: 'agent_reader', request_id: 'smuggled', inject: 'smuggled' },
      data: {
        LOGIN_NAME: 'smuggled', ACCOUNT_NAME: 'smuggled', SECONDARY_ROLES: 'ALL', EXT_AUTHN_DUO_METHOD: 'smuggled',
        PROOF_KEY: 'smuggled', RAW_SAML_RESPONSE: 'smuggled', SPCS_TOKEN: 'smuggled', CLIENT_APP_ID: 'smuggled"\n',
        SESSION_PARAMETERS: {
          QUERY_TAG: 'smuggled', MULTI_STATEMENT_COUNT: 0, QUOTED_IDENTIFIERS_IGNORE_CASE: true, SERVICE_NAME: 'smuggled',
          JDBC_QUERY_RESULT_FORMAT: 'ARROW', PYTHON_CONNECTOR_QUERY_RESULT_FORMAT: 'ARROW', timezone: 'UTC',
          CLIENT_STAGE_ARRAY_BINDING_THRESHOLD: 1, STATEMENT_TIMEOUT_IN_SECONDS: '1e999', constructor: 'smuggled',
        },
      },
    }) // prettier-ignore
    const [login] = world.upstream.seen.slice(from)
    const data = login?.body['data'] as Record<string, unknown>
    expect(Object.keys(data).sort()).toEqual([
      'ACCOUNT_NAME', 'AUTHENTICATOR', 'CLIENT_APP_ID', 'CLIENT_APP_VERSION', 'CLIENT_ENVIRONMENT', 'LOGIN_NAME',
      'SECONDARY_ROLES', 'SESSION_PARAMETERS', 'TOKEN',
    ]) // prettier-ignore
    expect(data).toMatchObject({
      AUTHENTICATOR: 'SNOWFLAKE_JWT', LOGIN_NAME: 'FROSTGATE_AGENTS', SECONDARY_ROLES: 'NONE',
      CLIENT_APP_ID: 'Frostgate',
      SESSION_PARAMETERS: {
        TIMEZONE: 'UTC', MULTI_STATEMENT_COUNT: 1, QUOTED_IDENTIFIERS_IGNORE_CASE: false,
        JDBC_QUERY_RESULT_FORMAT: 'JSON', PYTHON_CONNECTOR_QUERY_RESULT_FORMAT: 'JSON',
      },
    }) // prettier-ignore
    expect(JSON.stringify([data, login?.query.toString()])).not.toContain('smuggled')
    expect(data['SESSION_PARAMETERS']).not.toHaveProperty('CLIENT_STAGE_ARRAY_BINDING_THRESHOLD')
    expect(login?.query.get('roleName')).toBe('AGENT_READER')
    expect(await session.query('SELECT 1')).toMatchObject({ success: true })
  })

  test('gives the client no credential of Snowflake, in any field', async () => {
    const from = world.upstream.seen.length
    const answer = await gateway.client.login(await world.mint())
    const sent = world.upstream.seen.slice(from)
    const secrets = sent.flatMap(({ token, body }) => [
      token,
      (body['data'] as Record<string, unknown> | undefined)?.['TOKEN'],
    ])
    for (const secret of secrets.filter((each) => typeof each === 'string'))
      expect(answer.text).not.toContain(secret)
    expect(answer.data).toMatchObject({
      token: expect.stringMatching(/^fg-session-/) as string,
      masterToken: expect.stringMatching(/^fg-master-/) as string,
      idToken: null, mfaToken: null, remMeToken: null,
    }) // prettier-ignore
  })

  test('to a database nobody knows stands nowhere, and says so where a name needs one', async () => {
    const session = await gateway.login({ query: { databaseName: 'NO_SUCH', schemaName: 'X' } })
    expectRefusal(await session.query('SELECT * FROM patients'), 'ObjectUnqualified')
    expect(await session.query('SELECT COUNT(*) FROM health.phi.patients')).toMatchObject({
      success: true,
    })
  })
})
