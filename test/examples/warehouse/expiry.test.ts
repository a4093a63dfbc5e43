import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Warehouse } from '../../../examples/warehouse/warehouse.ts'
import { keys, RawClient, smallWarehouse, USER } from './fixture.ts'

const TOKEN = 'token-of-the-user'
let warehouse: Warehouse
let raw: RawClient

beforeEach(async () => {
  warehouse = await smallWarehouse({
    seed: false,
    inProgressAfterMs: 50,
    users: [
      {
        name: USER,
        publicKeyPem: keys.publicKey,
        tokens: [TOKEN, 'another'],
        defaultRole: 'AGENT_READER',
        roles: ['AGENT_READER'],
      },
    ],
  })
  raw = new RawClient(warehouse.url)
  await raw.login()
})
afterEach(() => warehouse.close())

async function renew(): Promise<string | null> {
  const body = { oldSessionToken: raw.token, requestType: 'RENEW' }
  const answer = await raw.send('POST', '/session/token-request', body, raw.masterToken)
  if (answer.success) {
    raw.token = answer.data.sessionToken
    raw.masterToken = answer.data.masterToken
  }
  return answer.code
}

const codeOf = async (sql = 'SELECT 1'): Promise<string | null> => {
  let answer = await raw.query(sql)
  while (answer.code === '333333')
    answer = await raw.send('GET', String(answer.data['getResultUrl']))
  return answer.code
}

test('session tokens that ran out are 390112 everywhere until they are renewed', async () => {
  warehouse.expireSessionTokens()
  expect(await codeOf()).toBe('390112')
  expect((await raw.send('POST', '/session/heartbeat')).code).toBe('390112')
  expect(await renew()).toBeNull()
  expect(await codeOf()).toBeNull()
  expect(warehouse.stats.renewals).toBe(1)
})

test('a token that runs out while a statement runs does not end the statement', async () => {
  const running = await raw.query('SELECT SYSTEM$WAIT(0.3) AS DURING')
  const url = String(running.data['getResultUrl'])
  warehouse.expireSessionTokens()
  expect((await raw.send('GET', url)).code).toBe('390112')
  await renew()
  let answer = await raw.send('GET', url)
  while (answer.code === '333333') answer = await raw.send('GET', url)
  expect(answer.data.rowset).toEqual([['waited 0.3 seconds']])
  expect(warehouse.executions('AS DURING')).toHaveLength(1)
})

test('a master token that ran out renews nothing: 390114; the session goes on', async () => {
  warehouse.expireMasterTokens()
  expect(await codeOf()).toBeNull()
  expect(await renew()).toBe('390114')
})

test('ended sessions are 390111, for statements and renewals, and what they ran is cancelled', async () => {
  const { data } = await raw.query('SELECT SYSTEM$WAIT(600)')
  warehouse.endSessions()
  expect(await codeOf()).toBe('390111')
  expect(await renew()).toBe('390111')
  await raw.login()
  expect((await raw.send('GET', `/queries/${data.queryId}/result`)).code).toBe('000604')
  expect(await codeOf()).toBeNull()
  expect(await warehouse.execute('SELECT 1')).toEqual([['1']])
})

test("a user's token that ran out is 390318 as OAuth token, and no other is", async () => {
  const login = async (AUTHENTICATOR: string, token: string) =>
    (await raw.login('', { AUTHENTICATOR, TOKEN: token, PASSWORD: token })).code
  expect(await login('OAUTH', TOKEN)).toBeNull()
  warehouse.expireUserTokens(TOKEN)
  expect(await login('OAUTH', TOKEN)).toBe('390318')
  expect(await login('PROGRAMMATIC_ACCESS_TOKEN', TOKEN)).toBe('394401')
  expect(await login('SNOWFLAKE', TOKEN)).toBe('390100')
  expect(await login('OAUTH', 'another')).toBeNull()
  warehouse.expireUserTokens()
  expect(await login('OAUTH', 'another')).toBe('390318')
})
