/** Endpoints that are refused by name: which, and in a shape that their clients show. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { refusedRoute, refusedRoutes } from '../../../sidecar/wire/refused-routes.ts'
import { matchRoute } from '../../../sidecar/wire/routes.ts'
import { startWorld, type TestGateway, type World } from '../../support/gateway.ts'

/** What an endpoint of the documentation may look like on the wire. */
const samples = (endpoint: string): readonly string[] => {
  const named = endpoint.replaceAll(/\{\w+\}/g, 'ANALYTICS')
  return named.endsWith('/**') ? [named.slice(0, -3), `${named.slice(0, -2)}x:run`] : [named]
}

describe('the table', () => {
  const cases = refusedRoutes.flatMap(({ name, endpoints, method }) =>
    endpoints.flatMap(samples).map((path) => [name, method ?? 'PUT', path] as const),
  )

  test.each(cases)('%s refuses %s %s', (name, method, path) => {
    expect(refusedRoute(method, path)?.name).toBe(name)
    expect(matchRoute(method, path)).toBeUndefined()
  })

  test('has no name twice', () => {
    expect(new Set(refusedRoutes.map(({ name }) => name)).size).toBe(refusedRoutes.length)
  })
})

describe('a gateway', () => {
  let world: World
  let gateway: TestGateway
  let token: string

  beforeAll(async () => {
    world = await startWorld()
    gateway = await world.gateway()
    token = (await gateway.login()).token
  })
  afterAll(() => world.close())

  const ask = async (method: string, path: string) => {
    const response = await fetch(`${gateway.url}${path}`, {
      method,
      headers: { authorization: `Snowflake Token="${token}"` },
      redirect: 'manual',
      ...(method === 'GET' ? {} : { body: '{"statement":"SELECT 1"}' }),
    })
    const text = await response.text()
    return { status: response.status, type: response.headers.get('content-type'), text }
  }
  const json = (text: string) => JSON.parse(text) as Record<string, unknown>

  test.each([
    ['POST', '/session/authenticator-request', 'oauth'],
    ['GET', '/monitoring/queries?max=25', 'query of your own'],
    ['GET', '//monitoring//queries', 'query of your own'],
  ])('answers %s %s as drivers do errors', async (method, path, advice) => {
    const { status, text } = await ask(method, path)
    expect(status).toBe(200)
    const { success, code, message, data } = json(text)
    expect({ success, code }).toEqual({ success: false, code: '003001' })
    expect(message).toContain(advice)
    expect(data).toMatchObject({ sqlState: '42501' })
  })

  test('makes a login of the browser end, and not ask for more', async () => {
    const { text } = await ask('POST', '/session/authenticator-request')
    expect(json(text)['data']).toMatchObject({ nextAction: 'RETRY_LOGIN' })
  })

  test.each([
    ['POST', '/api/v2/statements?async=true'],
    ['GET', '/api/v2/statements/01ab2345-6789-4abc-8def-0123456789ab?partition=1'],
    ['POST', '/api/v2/statements/01ab2345-6789-4abc-8def-0123456789ab/cancel'],
  ])('answers %s %s as the SQL API does', async (method, path) => {
    const { status, text } = await ask(method, path)
    expect(status).toBe(422)
    expect(json(text)).toMatchObject({ code: '003001', sqlState: '42501' })
    expect(json(text)['message']).toContain('Snowflake driver through this gateway')
    expect(json(text)['statementHandle']).toMatch(/^[0-9a-f-]{36}$/)
  })

  test.each([
    ['GET', '/api/v2/databases/HEALTH/schemas/PHI/tables'],
    ['POST', '/api/v2/cortex/inference:complete'],
    ['POST', '/v1/data/pipes/HEALTH.PHI.P/insertFiles?requestId=1'],
    ['GET', '/v2/streaming/hostname'],
    ['GET', '/v2/'],
    ['GET', '/polaris/api/catalog/v1/config'],
  ])('answers %s %s as REST APIs do', async (method, path) => {
    const { status, text, type } = await ask(method, path)
    expect(status).toBe(404)
    expect(type).toBe('application/json')
    expect(json(text)['message']).toContain('is not served by this gateway')
  })

  test('answers the token endpoint as RFC 6749 does', async () => {
    const { status, text } = await ask('POST', '/oauth/token-request')
    expect(status).toBe(400)
    const { error, error_description: description } = json(text)
    expect(error).toBe('invalid_request')
    expect(description).toContain('OIDC provider')
    expect(description).toMatch(/^[\x20\x21\x23-\x5b\x5d-\x7e]+$/)
  })

  test.each(['/console/login?login_name=x', '/oauth/authorize?client_id=x', '/'])(
    'answers a browser at %s with words',
    async (path) => {
      const { status, text } = await ask('GET', path)
      expect(status).toBe(404)
      expect(text).toContain('not')
    },
  )

  test('says what a session of the client’s own making is to do', async () => {
    const response = await fetch(`${gateway.url}/queries/v1/query-request`, {
      method: 'POST',
      headers: { authorization: 'Bearer pat', 'x-snowflake-external-session-id': 'mine' },
      body: '{"sqlText":"SELECT 1"}',
    })
    const { message } = (await response.json()) as { message: string }
    expect(message).toContain('PAT_WITH_EXTERNAL_SESSION')
  })

  test('records each, with the session that asked, and sends nothing on', async () => {
    const seen = world.upstream.seen.length
    await ask('DELETE', '/api/v2/warehouses/WH')
    expect(world.upstream.seen.length).toBe(seen)
    const refused = (await gateway.events()).filter(({ type }) => type === 'request.refused')
    expect(refused.at(-1)).toMatchObject({
      method: 'DELETE',
      path: '/api/v2/warehouses/WH',
      session: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      error: { name: 'EndpointRefused', code: '003001' },
    })
  })
})
