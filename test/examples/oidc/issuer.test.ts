import { request } from 'node:http'
import { text } from 'node:stream/consumers'

import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { isLoopbackHost } from '../../../examples/oidc/address.ts'
import { startIssuer, type Issuer } from '../../../examples/oidc/issuer.ts'

let issuer: Issuer
beforeAll(async () => {
  issuer = await startIssuer({ port: 0, keyAlgorithm: 'ES256' })
})
afterAll(() => issuer.close())

async function ask(
  method: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
  body = '',
): Promise<{ status: number; headers: unknown; body: Record<string, unknown> }> {
  const { promise, resolve, reject } = Promise.withResolvers<{
    status: number
    headers: unknown
    text: string
  }>()
  const sent = request(
    { host: '127.0.0.1', port: issuer.port, method, path, headers },
    (response) => {
      text(response).then((all) => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text: all })
      }, reject)
    },
  )
  sent.on('error', reject)
  sent.end(body)
  const answer = await promise
  return { ...answer, body: JSON.parse(answer.text) as Record<string, unknown> }
}

const json = { 'content-type': 'application/json' }
const form = { 'content-type': 'application/x-www-form-urlencoded' }

async function verify(token: string, by = issuer): Promise<Record<string, unknown>> {
  const jwks = createRemoteJWKSet(new URL(`${by.url}/jwks`))
  return (await jwtVerify(token, jwks, { issuer: by.url, audience: 'frostgate' })).payload
}

describe('the example issuer', () => {
  test('its discovery document leads to the keys that verify its tokens', async () => {
    const { body } = await ask('GET', '/.well-known/openid-configuration')
    expect(body).toMatchObject({
      issuer: issuer.url,
      jwks_uri: `${issuer.url}/jwks`,
      id_token_signing_alg_values_supported: ['ES256'],
    })
    const token = await issuer.mint({ subject: 'agent', groups: ['g'] })
    expect(decodeProtectedHeader(token)).toMatchObject({ alg: 'ES256', typ: 'JWT' })
    expect(await verify(token)).toMatchObject({ sub: 'agent', groups: ['g'] })
  })

  test('RS256 is what it signs with unless told otherwise', async () => {
    const other = await startIssuer({ port: 0, now: () => Date.now() - 7_200_000 })
    const token = await other.mint({ subject: 'agent' })
    expect(decodeProtectedHeader(token).alg).toBe('RS256')
    await expect(verify(token, other)).rejects.toThrow('"exp" claim timestamp check failed')
    await other.close()
  })

  test('only public parts of keys are published', async () => {
    const { body } = await ask('GET', '/jwks')
    const [key] = body['keys'] as readonly Record<string, unknown>[]
    expect(Object.keys(key ?? {}).toSorted()).toEqual(
      ['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y'].toSorted(),
    )
  })

  test.each([
    [
      'JSON',
      json,
      JSON.stringify({
        subject: 's',
        groups: ['a', 'b'],
        expires_in: 60,
        claims: { repository: 'acme/etl' },
      }),
    ],
    [
      'a form',
      form,
      'grant_type=client_credentials&subject=s&groups=a&groups=b&expires_in=60&claims=%7B%22repository%22%3A%22acme/etl%22%7D',
    ],
  ])('a token can be asked for with %s', async (_what, headers, body) => {
    const answer = await ask('POST', '/token', headers, body)
    expect(answer).toMatchObject({ status: 200, body: { token_type: 'Bearer', expires_in: 60 } })
    const claims = await verify(String(answer.body['access_token']))
    expect(claims).toMatchObject({ sub: 's', groups: ['a', 'b'], repository: 'acme/etl' })
    expect(Number(claims['exp']) - Number(claims['iat'])).toBe(60)
  })

  test('wrong tokens can be made, for tests of what verifies them', async () => {
    const token = await issuer.mint({
      subject: 's',
      audience: ['x'],
      expiresIn: -5,
      claims: { iss: 'y' },
    })
    const { iss, aud, exp, iat } = decodeJwt(token)
    expect({ iss, aud, lifetime: (exp ?? 0) - (iat ?? 0) }).toEqual({
      iss: 'y',
      aud: ['x'],
      lifetime: -5,
    })
  })

  test.each([
    ['no subject', json, '{}'],
    ['an empty subject', form, 'subject='],
    ['an unknown field', json, '{"subject":"s","scope":"x"}'],
    ['groups of numbers', json, '{"subject":"s","groups":[1]}'],
    ['an audience that is no text', json, '{"subject":"s","audience":7}'],
    ['a lifetime that is no number', form, 'subject=s&expires_in=soon'],
    ['claims that are no object', form, 'subject=s&claims=%5B'],
    ['a body that is no object', json, '[]'],
    ['a body that is no JSON', json, '{'],
    ['a body that is too large', json, `{"subject":"${'x'.repeat(70_000)}"}`],
  ])('%s is refused with a reason', async (_what, headers, body) => {
    expect(await ask('POST', '/token', headers, body)).toMatchObject({
      status: 400,
      body: { error: 'invalid_request', error_description: expect.stringMatching(/\.$/) as string },
    })
  })

  test('what is not one of its three endpoints is 404', async () => {
    for (const [method, path] of [
      ['GET', '/'],
      ['GET', '/token'],
      ['POST', '/jwks'],
      ['OPTIONS', '/token'],
    ] as const) {
      expect((await ask(method, path)).status).toBe(404)
    }
  })

  test('every answer says that it is for trying only, and may not be kept', async () => {
    const { headers } = await ask('GET', '/jwks')
    expect(headers).toMatchObject({
      'x-frostgate-warning': expect.stringContaining('for trying only') as string,
      'cache-control': 'no-store',
    })
  })
})

describe('keeping web pages out', () => {
  test('a request that carries an Origin is refused, whatever it is', async () => {
    for (const origin of ['https://evil.test', 'null', issuer.url]) {
      expect((await ask('POST', '/token', { ...json, origin }, '{"subject":"s"}')).status).toBe(403)
    }
  })

  test('a request under a name that is not loopback is refused', async () => {
    const rebound = { ...json, host: `evil.test:${issuer.port}` }
    expect((await ask('POST', '/token', rebound, '{"subject":"s"}')).status).toBe(403)
  })

  test.each([
    ['127.0.0.1', true],
    ['127.0.0.1:8086', true],
    ['LOCALHOST:1', true],
    ['[::1]:8086', true],
    [undefined, false],
    ['', false],
    ['127.0.0.1.evil.test', false],
    ['localhost@evil.test', false],
    ['localhost:80:evil.test', false],
    ['[::1].evil.test', false],
    ['0.0.0.0', false],
  ])('host %s: loopback = %s', (host, expected) => {
    expect(isLoopbackHost(host)).toBe(expected)
  })

  test('it listens on 127.0.0.1 alone', async () => {
    await expect(fetch(`http://[::1]:${issuer.port}/jwks`)).rejects.toThrow()
    await expect(fetch(`http://127.0.0.2:${issuer.port}/jwks`)).rejects.toThrow()
  })
})

describe('rotating keys', () => {
  test('with the old key kept, tokens from before still verify', async () => {
    const before = await issuer.mint({ subject: 's' })
    await issuer.rotate()
    const after = await issuer.mint({ subject: 's' })
    expect(decodeProtectedHeader(after).kid).not.toBe(decodeProtectedHeader(before).kid)
    await verify(before)
    await verify(after)
  })

  test('without, they do not', async () => {
    const before = await issuer.mint({ subject: 's' })
    await issuer.rotate({ keepOld: false })
    await expect(verify(before)).rejects.toThrow('no applicable key found')
    await verify(await issuer.mint({ subject: 's' }))
  })
})
