import { generateKeyPairSync } from 'node:crypto'
import { gunzipSync } from 'node:zlib'

import { SignJWT, decodeJwt, decodeProtectedHeader } from 'jose'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import type { Broker } from '../../../operator/broker/broker.ts'
import { KubeError } from '../../../operator/kube/kube-error.ts'
import type { TestSidecar } from '../../support/broker-client.ts'
import { BrokerCluster, keyPairCredential, type TestPod } from '../../support/broker-cluster.ts'

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()

let cluster: BrokerCluster
let broker: Broker
let port: number
let pod: TestPod
let sidecar: TestSidecar

beforeEach(async () => {
  cluster = new BrokerCluster()
  cluster.serve()
  cluster.addSecret('acme-key', { privateKey: pem })
  ;({ broker, port } = await cluster.replica())
  ;({ pod, sidecar } = await enrolled())
})

afterEach(async () => {
  await cluster.close()
})

async function enrolled() {
  const own = cluster.addPod()
  const made = await cluster.sidecar(port)
  await made.enrol(cluster.tokenOf(own))
  return { pod: own, sidecar: made }
}

const credential = (from = sidecar) => from.call('/v1/credential', { method: 'POST' })

async function errorOf(call: Promise<{ readonly body: Readonly<Record<string, unknown>> }>) {
  return (await call).body['error']
}

describe('an access token', () => {
  test('that was stolen is worthless without the key', async () => {
    const thief = await cluster.sidecar(port)
    const accessToken = sidecar.enrolment?.accessToken ?? ''
    expect(await errorOf(thief.call('/v1/bundle', { accessToken }))).toBe('ProofInvalid')
    expect(await errorOf(thief.call('/v1/bundle', { accessToken, proof: null }))).toBe(
      'ProofMissing',
    )
    const headers = { authorization: `Bearer ${accessToken}` }
    expect(await errorOf(sidecar.call('/v1/bundle', { headers }))).toBe('AccessTokenInvalid')
  })

  test('cannot be used with a proof for another one, nor with none', async () => {
    for (const claims of [{ ath: 'AAAA' }, { ath: undefined }]) {
      expect(await errorOf(sidecar.call('/v1/bundle', { claims }))).toBe('ProofInvalid')
    }
  })

  test('is good for one call a proof', async () => {
    const proof = await sidecar.proof('/v1/bundle')
    expect((await sidecar.call('/v1/bundle', { proof })).status).toBe(200)
    expect(await errorOf(sidecar.call('/v1/bundle', { proof }))).toBe('ProofReplayed')
  })

  test('is not good for a call that the proof was not made for', async () => {
    const proof = await sidecar.proof('/v1/mask-keys')
    expect(await errorOf(sidecar.call('/v1/bundle', { proof }))).toBe('ProofInvalid')
  })

  test('ends after ten minutes', async () => {
    cluster.skew = 601_000
    const claims = { iat: Math.floor(cluster.now() / 1000) }
    const { status, body } = await sidecar.call('/v1/bundle', { claims })
    expect(status).toBe(401)
    expect(body).toMatchObject({ error: 'AccessTokenExpired', transient: true })
  })

  test('of another signer, or of none, is refused', async () => {
    const token = sidecar.enrolment?.accessToken ?? ''
    const { privateKey: forger } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const { kid = '' } = decodeProtectedHeader(token)
    const forge = (header: { alg: string; typ?: string; kid?: string }) =>
      new SignJWT(decodeJwt(token)).setProtectedHeader(header).sign(forger)
    const forged = [
      await forge({ alg: 'ES256', typ: 'at+jwt', kid }),
      await forge({ alg: 'ES256', typ: 'at+jwt', kid: 'unknown' }),
      await forge({ alg: 'ES256', typ: 'at+jwt' }),
      `${Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url')}.${token.split('.')[1] ?? ''}.`,
      'x.y.z',
    ]
    for (const accessToken of forged) {
      expect(await errorOf(sidecar.call('/v1/bundle', { accessToken }))).toBe('AccessTokenInvalid')
    }
  })

  test('of one replica is good at all of them', async () => {
    const { port: second } = await cluster.replica()
    const there = await cluster.sidecar(second, sidecar.key)
    const accessToken = sidecar.enrolment?.accessToken ?? ''
    expect((await there.call('/v1/bundle', { accessToken })).status).toBe(200)
  })
})

describe('the bundle', () => {
  test('comes with its digest as ETag, and not again to who has it', async () => {
    const bundle = cluster.serve()
    const { status, headers, body } = await sidecar.call('/v1/bundle')
    expect(status).toBe(200)
    expect(body).toEqual(JSON.parse(JSON.stringify(bundle)))
    expect(headers.etag).toBe(`"${bundle.digest}"`)
    const again = await sidecar.call('/v1/bundle', {
      headers: { 'if-none-match': `"${bundle.digest}"` },
    })
    expect([again.status, again.bytes.length]).toEqual([304, 0])
    const old = await sidecar.call('/v1/bundle', { headers: { 'if-none-match': '"sha256:00"' } })
    expect(old.status).toBe(200)
  })

  test('is compressed for who asks', async () => {
    const { headers, bytes } = await sidecar.call('/v1/bundle', {
      headers: { 'accept-encoding': 'br, gzip' },
    })
    expect(headers['content-encoding']).toBe('gzip')
    expect(JSON.parse(gunzipSync(bytes).toString())).toMatchObject({ connection: { name: 'acme' } })
  })

  test('of a closed connection is not there, and the objects at fault are named', async () => {
    cluster.shut('AgentPolicy frostgate/x: spec.rules[0] is wrong.')
    const { status, body } = await sidecar.call('/v1/bundle')
    expect(status).toBe(409)
    expect(body).toMatchObject({ error: 'ConnectionClosed', transient: true })
    expect(body['message']).toContain('AgentPolicy frostgate/x')
  })
})

describe('a credential', () => {
  test('of a key pair is a JWT of two minutes at most, and the key stays', async () => {
    const { status, body, bytes, headers } = await credential()
    expect(status).toBe(200)
    expect(headers['cache-control']).toBe('no-store')
    expect(body['authenticator']).toBe('SNOWFLAKE_JWT')
    const claims = decodeJwt(String(body['token']))
    expect(claims.sub).toBe('ACME.AGENTS')
    expect(claims.iss).toMatch(/^ACME\.AGENTS\.SHA256:/)
    expect((claims.exp ?? 0) - (claims.iat ?? 0)).toBeLessThanOrEqual(120)
    expect(body['expiresAt']).toBe(claims.exp)
    expect(bytes.toString()).not.toContain('PRIVATE')
  })

  test('changes with its Secret, at the next login', async () => {
    const issuer = async () => decodeJwt(String((await credential()).body['token'])).iss
    const before = await issuer()
    const next = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
    cluster.secrets.length = 0
    cluster.addSecret('acme-key', {
      privateKey: next.export({ type: 'pkcs8', format: 'pem' }).toString(),
    })
    expect(await issuer()).not.toBe(before)
  })

  test('of a programmatic access token is what the Secret holds', async () => {
    cluster.serve('acme', { kind: 'programmaticAccessToken', secretName: 'acme-pat' })
    expect(await errorOf(credential())).toBe('CredentialUnusable')
    cluster.addSecret('acme-pat', { token: 'pat-secret-value\n' })
    const { body } = await credential()
    expect(body).toMatchObject({
      authenticator: 'PROGRAMMATIC_ACCESS_TOKEN',
      token: 'pat-secret-value',
    })
  })

  test('of a workload identity is minted for the connection’s own ServiceAccount', async () => {
    const audience = 'snowflakecomputing.com'
    cluster.serve('acme', { kind: 'workloadIdentity', serviceAccount: 'frostgate-acme', audience })
    const { body } = await credential()
    expect(body).toMatchObject({ authenticator: 'WORKLOAD_IDENTITY', provider: 'OIDC' })
    expect(cluster.minted).toEqual([
      {
        namespace: 'frostgate',
        serviceAccount: 'frostgate-acme',
        audience,
        expirationSeconds: 600,
      },
    ])
    cluster.away = true
    expect(await errorOf(credential())).toBe('ApiUnavailable')
  })

  test('of a workload identity is never the operator’s own, nor one that it may not ask for', async () => {
    const audience = 'snowflakecomputing.com'
    const name = 'frostgate-operator'
    cluster.serve('acme', { kind: 'workloadIdentity', serviceAccount: name, audience })
    const own = await credential()
    expect([own.body['error'], cluster.minted]).toEqual(['CredentialUnusable', []])
    expect(own.body['message']).toContain("the operator's own")

    cluster.serve('acme', { kind: 'workloadIdentity', serviceAccount: 'other', audience })
    const refused = (status: number, reason: string) => () =>
      Promise.reject(new KubeError({ status, reason, message: reason }))
    for (const [mintToken, words] of [
      [refused(403, 'Forbidden'), 'workloadIdentity.serviceAccounts'],
      [refused(404, 'NotFound'), 'there is no ServiceAccount frostgate/other'],
    ] as const) {
      const { port: narrow } = await cluster.replica({ mintToken })
      const other = await cluster.sidecar(narrow)
      await other.enrol(cluster.tokenOf(cluster.addPod()))
      const { body } = await credential(other)
      expect([body['error'], body['message']]).toEqual([
        'CredentialUnusable',
        expect.stringContaining(words),
      ])
    }
  })

  test('is refused at once when the connection closes, goes, or lets the namespace in no more', async () => {
    cluster.shut('it is broken')
    expect(await errorOf(credential())).toBe('ConnectionClosed')
    cluster.connections.clear()
    expect(await errorOf(credential())).toBe('ConnectionUnknown')
    cluster.serve()
    expect((await credential()).status).toBe(200)
    cluster.allowed = () => false
    expect(await errorOf(credential())).toBe('NamespaceNotAllowed')
    expect(cluster.minted).toEqual([])
  })

  test('is refused at once when the pod is gone, and its neighbour goes on', async () => {
    const other = await enrolled()
    broker.podGone(pod.metadata.uid)
    expect(await errorOf(credential())).toBe('PodRevoked')
    expect((await credential(other.sidecar)).status).toBe(200)
    expect(await errorOf(sidecar.enrol(cluster.tokenOf(pod)))).toBe('PodRevoked')
  })

  test('is not given without end', async () => {
    const { port: tight } = await cluster.replica({
      limits: { credentialPerPod: { burst: 3, perSecond: 0.001 } },
    })
    const there = await cluster.sidecar(tight, sidecar.key)
    await there.enrol(cluster.tokenOf(pod))
    for (let turn = 0; turn < 3; turn += 1) expect((await credential(there)).status).toBe(200)
    const { status, headers } = await credential(there)
    expect(status).toBe(429)
    expect(Number(headers['retry-after'])).toBeGreaterThan(0)
  })
})

describe('keys of masks', () => {
  const withMask = (): void => {
    const bundle = cluster.serve()
    const served = cluster.connections.get('frostgate/acme')
    if (served === undefined) throw new Error('it was just served')
    const key = { kind: 'inStatement', secretName: 'mask-key' } as const
    const mask = {
      name: 'ssn',
      namespace: 'frostgate',
      columns: [],
      tags: [],
      subjects: [],
      exceptFor: [],
      method: { kind: 'hash', key },
      usage: 'Strict',
    } as const
    const state = { bundle: { ...bundle, masks: [mask] } }
    cluster.connections.set('frostgate/acme', { ...served, state })
  }

  test('are those that the bundle needs, base64, and no others', async () => {
    expect((await sidecar.call('/v1/mask-keys')).body).toEqual({ keys: {} })
    withMask()
    cluster.addSecret('mask-key', { key: 'k'.repeat(32) })
    expect((await sidecar.call('/v1/mask-keys')).body).toEqual({
      keys: { 'mask-key': Buffer.from('k'.repeat(32)).toString('base64') },
    })
  })

  test('that cannot be used are said to be, without their value', async () => {
    withMask()
    cluster.addSecret('mask-key', { key: 'too-short-secret' })
    const { status, body } = await sidecar.call('/v1/mask-keys')
    expect(status).toBe(409)
    expect(body['error']).toBe('MaskKeysUnusable')
    expect(String(body['message'])).not.toContain('too-short-secret')
  })
})

describe('acknowledgements', () => {
  const ack = (digest: string, accepted: boolean, reason?: string, from = sidecar) =>
    from.call('/v1/ack', { method: 'POST', body: { digest, accepted, reason } })

  test('make the counts of each connection, and the last refusal of a bundle is kept', async () => {
    const { digest } = cluster.serve()
    const other = await enrolled()
    const streams = [await sidecar.stream(), await other.sidecar.stream()]
    expect((await ack(digest, true)).status).toBe(204)
    await ack(
      digest,
      false,
      'policy x uses \u001b[31mfunctions\u001b[0m of a newer version',
      other.sidecar,
    )
    const counts = broker.sidecars().get('frostgate/acme')
    expect(counts).toMatchObject({ connected: 2, inSync: 1 })
    expect(counts?.lastError?.message).toContain(`pod ci/${other.pod.metadata.name}`)
    expect(counts?.lastError?.message).not.toContain('\u001b')
    broker.podGone(other.pod.metadata.uid)
    expect(broker.sidecars().get('frostgate/acme')).toEqual({ connected: 1, inSync: 1 })
    for (const stream of streams) stream.close()
  })

  test('of an older bundle count no more', async () => {
    const { digest } = cluster.serve()
    const stream = await sidecar.stream()
    await ack(digest, true)
    const newer = cluster.serve('acme', keyPairCredential, 'READER')
    broker.publish()
    expect(broker.sidecars().get('frostgate/acme')).toEqual({ connected: 1, inSync: 0 })
    await ack(newer.digest, true)
    expect(broker.sidecars().get('frostgate/acme')).toEqual({ connected: 1, inSync: 1 })
    stream.close()
  })

  test('that go to another replica than the stream are counted together', async () => {
    const { digest } = cluster.serve()
    const second = await cluster.replica()
    const there = await cluster.sidecar(second.port, sidecar.key)
    await there.enrol(cluster.tokenOf(pod))
    const stream = await sidecar.stream()
    await ack(digest, true, undefined, there)
    expect(broker.sidecars().get('frostgate/acme')).toEqual({ connected: 1, inSync: 0 })
    const sum = broker.sidecars([second.broker.report()])
    expect(sum.get('frostgate/acme')).toEqual({ connected: 1, inSync: 1 })
    stream.close()
  })

  test('tell whoever writes status, once for those that come together', async () => {
    const { digest } = cluster.serve()
    let told = 0
    const stop = broker.onSidecars(() => (told += 1))
    await ack(digest, true)
    await new Promise(setImmediate)
    expect(told).toBe(1)
    stop()
    await ack(digest, true)
    expect(told).toBe(1)
  })

  test('that are none are refused', async () => {
    const bodies = [{}, { digest: 'x', accepted: true }, { digest: 7 }, 'text', [1]]
    for (const body of bodies) {
      const { status } = await sidecar.call('/v1/ack', { method: 'POST', body })
      expect(status).toBe(400)
    }
  })
})

test('what is no route is refused, by path, by method and by host', async () => {
  for (const [method, path] of [
    ['GET', '/'],
    ['GET', '/metrics'],
    ['POST', '/v1/bundle'],
    ['GET', '/v1/enrol'],
    ['GET', '/v1/bundle/'],
    ['GET', '//v1/bundle'],
    ['GET', '/v1/%62undle'],
    ['GET', 'https://elsewhere/v1/bundle'],
  ] as const) {
    const { status, body } = await sidecar.call(path, { method, proof: 'x' })
    expect([status, body['error']], path).toEqual([404, 'RouteUnknown'])
  }
})
