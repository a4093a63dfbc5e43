import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Warehouse } from '../../../examples/warehouse/warehouse.ts'
import { keyPairJwt, otherKeys, RawClient, smallWarehouse, USER } from './fixture.ts'

let warehouse: Warehouse

beforeAll(async () => {
  warehouse = await smallWarehouse({ seed: false })
})
afterAll(() => warehouse.close())

const client = (): RawClient => new RawClient(warehouse.url)
const now = (): number => Math.floor(Date.now() / 1000)

describe('login by key pair', () => {
  test('answers with tokens, a numeric session id and the parameters drivers read', async () => {
    const { data, success } = await client().login()
    expect(success).toBe(true)
    expect(typeof data.sessionId).toBe('number')
    const parameters = new Map(data.parameters.map(({ name, value }) => [name, value]))
    expect(parameters.get('AUTOCOMMIT')).toBe(true)
    expect(parameters.get('CLIENT_RESULT_CHUNK_SIZE')).toBe(160)
    expect(data.sessionInfo).toEqual({
      databaseName: null,
      schemaName: null,
      warehouseName: 'AGENT_WH',
      roleName: 'AGENT_READER',
    })
  })

  test('takes database, schema, warehouse and role from the URL', async () => {
    const { data } = await client().login(
      '?databaseName=health&schemaName=phi&warehouse=w2&roleName=auditor',
    )
    expect(data.sessionInfo).toEqual({
      databaseName: 'HEALTH',
      schemaName: 'PHI',
      warehouseName: 'W2',
      roleName: 'AUDITOR',
    })
  })

  test('refuses a role the user does not have with 390189', async () => {
    expect((await client().login('?roleName=ACCOUNTADMIN')).code).toBe('390189')
  })

  test('refuses any other authenticator with 390100', async () => {
    expect((await client().login('', { AUTHENTICATOR: 'SNOWFLAKE', PASSWORD: 'x' })).code).toBe(
      '390100',
    )
  })

  test.each([
    ['signed by a key that is not registered', { privateKey: otherKeys.privateKey }],
    ['whose issuer is another user', { iss: 'ACME.SOMEBODY.SHA256:x' }],
    ['whose subject is not the key owner', { sub: 'ACME.SOMEBODY' }],
    ['that expired', { iat: now() - 600, exp: now() - 300 }],
    ['from the future', { iat: now() + 600, exp: now() + 660 }],
    ['that lives longer than an hour', { exp: now() + 7200 }],
    ['signed with another algorithm', { alg: 'PS256' }],
  ])('refuses a JWT %s with 390144', async (_what, changes) => {
    const answer = await client().login('', { TOKEN: await keyPairJwt(changes) })
    expect(answer).toMatchObject({ status: 200, success: false, code: '390144' })
  })

  test('refuses a JWT of another user than the login name', async () => {
    expect((await client().login('', { LOGIN_NAME: 'SOMEBODY' })).code).toBe('390144')
  })
})

describe('login by token', () => {
  const token = 'pat-1234567890'
  let tokens: Warehouse
  beforeAll(async () => {
    tokens = await smallWarehouse({
      seed: false,
      users: [
        { name: USER, tokens: [token], defaultRole: 'AGENT_READER', roles: ['AGENT_READER'] },
      ],
    })
  })
  afterAll(() => tokens.close())
  const log = (data: Readonly<Record<string, unknown>>) =>
    new RawClient(tokens.url).login('', { TOKEN: undefined, ...data })

  test.each([
    ['OAUTH', { AUTHENTICATOR: 'OAUTH', TOKEN: token }],
    ['OAUTH without a login name', { AUTHENTICATOR: 'OAUTH', TOKEN: token, LOGIN_NAME: '' }],
    ['OAUTH with the newline of a token file', { AUTHENTICATOR: 'OAUTH', TOKEN: `${token}\n` }],
    ['a programmatic access token', { AUTHENTICATOR: 'PROGRAMMATIC_ACCESS_TOKEN', TOKEN: token }],
    ['a password', { AUTHENTICATOR: 'SNOWFLAKE', PASSWORD: token }],
    ['a password without an authenticator', { AUTHENTICATOR: undefined, PASSWORD: token }],
  ])('as %s', async (_what, data) => {
    expect((await log(data)).data.sessionInfo).toMatchObject({ roleName: 'AGENT_READER' })
  })

  test.each([
    ['390303', 'a wrong OAuth token', { AUTHENTICATOR: 'OAUTH', TOKEN: 'x' }],
    ['390303', 'an empty OAuth token', { AUTHENTICATOR: 'OAUTH', TOKEN: '' }],
    [
      '390309',
      "another user's OAuth token",
      { AUTHENTICATOR: 'OAUTH', TOKEN: token, LOGIN_NAME: 'B' },
    ],
    [
      '394400',
      'a wrong programmatic token',
      { AUTHENTICATOR: 'PROGRAMMATIC_ACCESS_TOKEN', TOKEN: 'x' },
    ],
    ['390100', 'a wrong password', { AUTHENTICATOR: undefined, PASSWORD: 'x' }],
    [
      '390100',
      'a password without a name',
      { AUTHENTICATOR: undefined, PASSWORD: token, LOGIN_NAME: '' },
    ],
    ['390100', 'an unknown authenticator', { AUTHENTICATOR: 'toString', TOKEN: token }],
  ])('%s for %s', async (code, _what, data) => {
    expect(await log(data)).toMatchObject({ status: 200, success: false, code })
  })
})

describe('session tokens', () => {
  test('an unknown token is 390104', async () => {
    expect((await client().query('SELECT 1')).code).toBe('390104')
  })

  test('an expired token is 390112; renewal by master token keeps the session and its context', async () => {
    const brief = await smallWarehouse({ seed: false, sessionValiditySeconds: 0.2 })
    try {
      const raw = new RawClient(brief.url)
      await raw.login()
      await raw.query('USE SCHEMA HEALTH.PHI')
      await new Promise((resolve) => setTimeout(resolve, 250))
      expect((await raw.query('SELECT 1')).code).toBe('390112')
      const body = { oldSessionToken: raw.token, requestType: 'RENEW' }
      const { data } = await raw.send('POST', '/session/token-request', body, raw.masterToken)
      raw.token = data.sessionToken
      const answer = await raw.query('SELECT CURRENT_SCHEMA()')
      expect(answer.data.rowset).toEqual([['PHI']])
    } finally {
      await brief.close()
    }
  })

  test('renewal refuses session tokens, wrong old tokens and other request types', async () => {
    const raw = client()
    await raw.login()
    const renew = (body: unknown, token: string) =>
      raw.send('POST', '/session/token-request', body, token)
    const good = { oldSessionToken: raw.token, requestType: 'RENEW' }
    expect((await renew(good, raw.token)).code).toBe('390115')
    expect((await renew({ ...good, oldSessionToken: 'x' }, raw.masterToken)).code).toBe('390400')
    expect((await renew({ ...good, requestType: 'ISSUE' }, raw.masterToken)).code).toBe('390400')
  })

  test('heartbeat succeeds while the session lives; after logout the token is unknown', async () => {
    const raw = client()
    await raw.login()
    expect((await raw.send('POST', '/session/heartbeat')).success).toBe(true)
    expect((await raw.send('POST', '/session?delete=true')).success).toBe(true)
    expect((await raw.send('POST', '/session/heartbeat')).code).toBe('390104')
  })
})

describe('routes', () => {
  test('anything else is a 404 in the shape of Snowflake', async () => {
    const answer = await client().send('GET', '/api/v2/statements')
    expect(answer).toMatchObject({ status: 404, success: false, code: '390404' })
  })

  test('repeated slashes are one, as a current driver sends them', async () => {
    const raw = client()
    await raw.login()
    const answer = await raw.send(
      'GET',
      '/monitoring/queries//01000000-0000-0000-0000-000000000000',
    )
    expect(answer.data.queries).toEqual([])
  })
})
