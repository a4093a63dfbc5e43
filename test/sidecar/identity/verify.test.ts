import { generateKeyPairSync, type KeyObject } from 'node:crypto'

import { createLocalJWKSet, exportJWK, SignJWT, UnsecuredJWT, type JWTPayload } from 'jose'
import { describe, expect, test } from 'vitest'

import { loginToken } from '../../../sidecar/identity/login-token.ts'
import { tokenVerifier } from '../../../sidecar/identity/verify.ts'

const provider = {
  name: 'local',
  issuer: 'http://127.0.0.1:1',
  audiences: ['frostgate'],
  groupsClaim: 'groups',
  algorithms: ['RS256'],
  jwks: null,
  podBound: false,
}
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const now = 1_800_000_000_000

async function fixture() {
  const clock = { now }
  let reads = 0
  const keys = createLocalJWKSet({
    keys: [{ ...(await exportJWK(publicKey)), kid: 'k', alg: 'RS256' }],
  })
  const verify = tokenVerifier({
    providers: [provider],
    now: () => clock.now,
    keys: () => {
      reads += 1
      return Promise.resolve(keys)
    },
  })
  return { clock, verify, reads: () => reads }
}

function sign(
  claims: JWTPayload = {},
  key: KeyObject | Uint8Array = privateKey,
  alg = 'RS256',
): Promise<string> {
  const payload = {
    iss: provider.issuer,
    aud: 'frostgate',
    sub: 'agent',
    groups: ['ai'],
    exp: now / 1000 + 60,
    ...claims,
  }
  return new SignJWT(payload).setProtectedHeader({ alg, kid: 'k' }).sign(key)
}

describe('a login token', () => {
  test('of a provider of this connection becomes a principal, and is verified once', async () => {
    const { verify, reads, clock } = await fixture()
    const token = await sign()
    expect(await verify(token)).toMatchObject({
      provider: 'local',
      subject: 'agent',
      groups: ['ai'],
    })
    await verify(token)
    expect(reads()).toBe(1)
    clock.now += 60_000 + 6_000
    await expect(verify(token)).rejects.toMatchObject({ entry: 'TokenExpired', code: '390318' })
  })

  test.each([
    ['another audience', { aud: 'other' }, 'TokenInvalid'],
    ['another issuer', { iss: 'http://127.0.0.1:2' }, 'TokenIssuerUnknown'],
    ['no subject', { sub: undefined }, 'TokenInvalid'],
    ['no expiry', { exp: undefined }, 'TokenInvalid'],
    ['a time before which it is not valid', { nbf: now / 1000 + 600 }, 'TokenInvalid'],
    ['an expiry in the past', { exp: now / 1000 - 60 }, 'TokenExpired'],
  ])('with %s is refused', async (_what, claims, entry) => {
    const { verify } = await fixture()
    await expect(verify(await sign(claims as JWTPayload))).rejects.toMatchObject({ entry })
  })

  test('that is not valid yet names the clock: it may be ours that is wrong', async () => {
    const { verify } = await fixture()
    await expect(verify(await sign({ nbf: now / 1000 + 600 }))).rejects.toThrow(
      /by the clock of the gateway it is not valid yet/,
    )
  })

  test('signed by another key, with a shared secret or not at all is refused', async () => {
    const { verify } = await fixture()
    const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
    const published = publicKey.export({ type: 'spki', format: 'pem' })
    const unsigned = new UnsecuredJWT({
      iss: provider.issuer,
      aud: 'frostgate',
      sub: 'agent',
      exp: now / 1000 + 60,
    }).encode()
    for (const token of [
      await sign({}, other),
      await sign({}, Buffer.from(published), 'HS256'),
      unsigned,
    ]) {
      await expect(verify(token)).rejects.toMatchObject({ entry: 'TokenInvalid' })
    }
  })

  test('of an algorithm that the connection does not accept is refused, though its key is published', async () => {
    const elliptic = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const published = createLocalJWKSet({
      keys: [{ ...(await exportJWK(elliptic.publicKey)), kid: 'k', alg: 'ES256' }],
    })
    const accepting = (algorithms: readonly string[]) =>
      tokenVerifier({
        providers: [{ ...provider, algorithms }],
        now: () => now,
        keys: () => Promise.resolve(published),
      })
    const token = await sign({}, elliptic.privateKey, 'ES256')
    expect(await accepting(['ES256'])(token)).toMatchObject({ subject: 'agent' })
    const refused = accepting(['RS256'])(token)
    await expect(refused).rejects.toMatchObject({ entry: 'TokenInvalid' })
    await expect(refused).rejects.toThrow('algorithm is not accepted')
  })

  test('that is no JWT is refused without being quoted', async () => {
    const { verify } = await fixture()
    for (const token of ['hunter2-hunter2', 'a.b.c', 'x'.repeat(20_000)]) {
      await expect(verify(token)).rejects.toMatchObject({ entry: 'TokenMalformed' })
      await expect(verify(token)).rejects.not.toThrow(/hunter2/)
    }
  })

  test('groups may be a list or one string, and nothing else', async () => {
    const { verify } = await fixture()
    expect((await verify(await sign({ groups: 'one' }))).groups).toEqual(['one'])
    expect(
      (await verify(await sign({ groups: ['a', 7, 'b'] as unknown as string[] }))).groups,
    ).toEqual(['a', 'b'])
    expect((await verify(await sign({ groups: { ai: true } }))).groups).toEqual([])
  })
})

describe('drivers put the token', () => {
  test.each([
    [{ AUTHENTICATOR: 'OAUTH', TOKEN: ' t\n' }],
    [{ AUTHENTICATOR: 'oauth', TOKEN: null, PASSWORD: 't' }],
    [{ AUTHENTICATOR: 'PROGRAMMATIC_ACCESS_TOKEN', TOKEN: 't' }],
    [{ AUTHENTICATOR: 'WORKLOAD_IDENTITY', PROVIDER: 'OIDC', TOKEN: 't' }],
    [{ LOGIN_NAME: 'u', PASSWORD: 't' }],
    [{ AUTHENTICATOR: 'SNOWFLAKE', PASSWORD: 't' }],
    [{ TOKEN: 't' }],
  ])('%j', (data) => {
    expect(loginToken(data)).toBe('t')
  })

  test.each([
    [{}],
    [{ AUTHENTICATOR: 'OAUTH', TOKEN: '' }],
    [{ AUTHENTICATOR: 'SNOWFLAKE_JWT', TOKEN: 't' }],
    [{ AUTHENTICATOR: 'EXTERNALBROWSER', TOKEN: 't' }],
    [{ AUTHENTICATOR: 'WORKLOAD_IDENTITY', PROVIDER: 'AWS', TOKEN: 't' }],
    [{ AUTHENTICATOR: 'SNOWFLAKE', TOKEN: 't' }],
    [{ AUTHENTICATOR: 'constructor', TOKEN: 't' }],
  ])('nowhere else: %j', (data) => {
    expect(loginToken(data)).toBeUndefined()
  })
})
