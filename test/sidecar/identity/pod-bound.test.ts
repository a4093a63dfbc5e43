import { generateKeyPairSync } from 'node:crypto'

import { exportJWK, SignJWT, type JWTPayload } from 'jose'
import { describe, expect, test } from 'vitest'

import type { IdentityProviderSpec } from '../../../sidecar/control/bundle.ts'
import { tokenVerifier, type GatewayPod } from '../../../sidecar/identity/verify.ts'

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const now = 1_800_000_000_000
const pod: GatewayPod = { uid: 'uid-1', namespace: 'ci', name: 'runner-1' }

const cluster: IdentityProviderSpec = {
  name: 'cluster',
  issuer: 'https://kubernetes.default.svc.cluster.local',
  audiences: ['frostgate.dev/agent'],
  groupsClaim: '',
  algorithms: ['RS256'],
  jwks: { keys: [{ ...(await exportJWK(publicKey)), kid: 'k', alg: 'RS256', use: 'sig' }] },
  podBound: true,
}

/** No network: whoever asks an issuer fails the test. */
const verifierIn = (own: GatewayPod | undefined, provider = cluster) =>
  tokenVerifier({
    providers: [provider],
    now: () => now,
    pod: own,
    keys: () => Promise.reject(new Error('the issuer was asked')),
  })

/** As the API server projects it into the pod `ci/runner-1`. */
const claims: JWTPayload = {
  iss: cluster.issuer,
  sub: 'system:serviceaccount:ci:runner',
  aud: ['frostgate.dev/agent'],
  exp: now / 1000 + 600,
  'kubernetes.io': {
    namespace: 'ci',
    pod: { name: 'runner-1', uid: 'uid-1' },
    serviceaccount: { name: 'runner', uid: 'uid-2' },
  },
}

const sign = (more: JWTPayload = {}, key = privateKey): Promise<string> =>
  new SignJWT({ ...claims, ...more }).setProtectedHeader({ alg: 'RS256', kid: 'k' }).sign(key)

describe('a ServiceAccount token', () => {
  test('of this pod is its ServiceAccount, without groups, and its run is the pod', async () => {
    const principal = await verifierIn(pod)(await sign({ '': ['admins'], groups: ['admins'] }))
    expect(principal).toMatchObject({
      provider: 'cluster',
      subject: 'system:serviceaccount:ci:runner',
      groups: [],
      run: 'runner-1',
    })
    expect(principal.claims['kubernetes.io']).toEqual(claims['kubernetes.io'])
  })

  test.each<[string, GatewayPod | undefined, JWTPayload, RegExp]>([
    ['of another pod', { ...pod, uid: 'uid-9' }, {}, /projected into another pod than ci\/runner-1/],
    ['where the gateway runs in no pod', undefined, {}, /runs in none/],
    ['of no pod', pod, { 'kubernetes.io': { namespace: 'ci' } }, /not bound to a pod/],
    ['without a claim of Kubernetes', pod, { 'kubernetes.io': undefined }, /not bound to a pod/],
    ['whose pod is no object', pod, { 'kubernetes.io': { pod: 'uid-1' } }, /not bound to a pod/],
    ['whose uid is a list', pod, { 'kubernetes.io': { pod: { uid: ['uid-1'] } } }, /not bound to/],
    ['for another audience', pod, { aud: 'https://kubernetes.default.svc' }, /claim "aud"/],
  ])('%s is refused with the reason', async (_what, own, more, reason) => {
    const refused = verifierIn(own)(await sign(more))
    await expect(refused).rejects.toMatchObject({ entry: 'TokenInvalid' })
    await expect(refused).rejects.toThrow(reason)
  }) // prettier-ignore

  test('that expired is refused', async () => {
    const token = await sign({ exp: now / 1000 - 60 })
    await expect(verifierIn(pod)(token)).rejects.toMatchObject({ entry: 'TokenExpired' })
  })

  test('signed with another key is refused, and the issuer is never asked', async () => {
    const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
    const refused = verifierIn(pod)(await sign({}, other))
    await expect(refused).rejects.toThrow('its signature is wrong')
  })

  test('counts in any pod where its provider is not bound to one', async () => {
    const verify = verifierIn(undefined, { ...cluster, podBound: false })
    expect(await verify(await sign())).toMatchObject({ subject: claims.sub })
  })
})
