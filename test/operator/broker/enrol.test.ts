import { randomUUID } from 'node:crypto'

import { decodeJwt } from 'jose'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { enrolAudience } from '../../../sidecar/control/protocol.ts'
import { makeProof, makeSidecarKey, type TestSidecar } from '../../support/broker-client.ts'
import { BrokerCluster, clusterUid, origin, type TestPod } from '../../support/broker-cluster.ts'

let cluster: BrokerCluster
let port: number
let pod: TestPod
let sidecar: TestSidecar

beforeEach(async () => {
  cluster = new BrokerCluster()
  cluster.serve()
  pod = cluster.addPod()
  ;({ port } = await cluster.replica())
  sidecar = await cluster.sidecar(port)
})

afterEach(async () => {
  await cluster.close()
})

/** Name of the refusal; `ok` if there was none. */
async function result(token: string, options = {}): Promise<string> {
  const { status, body } = await sidecar.enrol(token, options)
  return status === 200 ? 'ok' : String(body['error'])
}

describe('a sidecar of an injected pod', () => {
  test('is enrolled, and told who it is, what it serves and whom to trust', async () => {
    const { status, body } = await sidecar.enrol(cluster.tokenOf(pod))
    expect(status).toBe(200)
    expect(body).toMatchObject({
      tokenType: 'DPoP',
      expiresIn: 600,
      pod: {
        namespace: 'ci',
        name: pod.metadata.name,
        uid: pod.metadata.uid,
        serviceAccount: 'runner',
      },
      connection: { namespace: 'frostgate', name: 'acme' },
      trust: sidecar.address.trust,
    })
    const claims = decodeJwt(String(body['accessToken']))
    expect(claims).toMatchObject({
      iss: 'frostgate',
      aud: 'frostgate.dev/broker',
      sub: pod.metadata.uid,
    })
    expect((claims.exp ?? 0) - (claims.iat ?? 0)).toBe(600)
  })

  test('renews with its key, as often as its tokens need', async () => {
    for (let turn = 0; turn < 3; turn += 1) expect(await result(cluster.tokenOf(pod))).toBe('ok')
    expect(cluster.leases.size).toBe(1)
  })

  test('is told of once, however often it renews and at whichever replica', async () => {
    const { port: second } = await cluster.replica()
    for (const at of [port, second]) {
      const again = await cluster.sidecar(at, sidecar.key)
      for (let turn = 0; turn < 2; turn += 1) await again.enrol(cluster.tokenOf(pod))
    }
    expect(cluster.alerts.map(({ reason }) => reason)).toEqual(['SidecarEnrolled'])
  })

  test('may enrol while its connection is closed, and is told so by the stream', async () => {
    cluster.shut('AgentPolicy frostgate/x does not compile.')
    expect(await result(cluster.tokenOf(pod))).toBe('ok')
    const stream = await sidecar.stream()
    expect(await stream.next('closed')).toMatchObject({ reason: /does not compile/ })
    stream.close()
  })
})

describe('the proof', () => {
  const proofs: Readonly<Record<string, (key: TestSidecar['key']) => Promise<string | null>>> = {
    'that is missing': () => Promise.resolve(null),
    'that is no JWT': () => Promise.resolve('abc'),
    'for another address': (key) => makeProof(key, { htm: 'POST', htu: 'https://evil/v1/enrol' }),
    'for another path': (key) => makeProof(key, { htm: 'POST', htu: `${origin}/v1/credential` }),
    'for another method': (key) => makeProof(key, { htm: 'GET', htu: `${origin}/v1/enrol` }),
    'that is another kind of JWT': (key) => makeProof(key, good, { typ: 'JWT' }),
    'without a key': (key) => makeProof(key, good, { jwk: undefined }),
    'by another key than it carries': async (key) =>
      makeProof({ ...key, jwk: (await makeSidecarKey()).jwk }, good),
    'that carries a private key': (key) => makeProof(key, good, { jwk: { ...key.jwk, d: 'AA' } }),
    'with an endless jti': (key) => makeProof(key, { ...good, jti: 'x'.repeat(200) }),
    'with a jti that is no text': (key) => makeProof(key, { ...good, jti: 7 }),
    'that comes twice': async (key) =>
      `${await makeProof(key, good)}, ${await makeProof(key, good)}`,
  }
  const good = { htm: 'POST', htu: `${origin}/v1/enrol` }

  for (const [which, make] of Object.entries(proofs)) {
    test(`${which} is refused before the API server is asked`, async () => {
      cluster.away = true
      const proof = await make(sidecar.key)
      expect(await result(cluster.tokenOf(pod), { proof })).toMatch(/^Proof(Missing|Invalid)$/)
    })
  }

  test('with a signature of no algorithm, or of a shared key, is refused', async () => {
    const [, payload = ''] = (await makeProof(sidecar.key, good)).split('.')
    for (const alg of ['none', 'HS256', 'RS256']) {
      const header = { alg, typ: 'dpop+jwt', jwk: sidecar.key.jwk }
      const encoded = Buffer.from(JSON.stringify(header)).toString('base64url')
      const proof = `${encoded}.${payload}.${alg === 'none' ? '' : 'AAAA'}`
      expect(await result(cluster.tokenOf(pod), { proof })).toBe('ProofInvalid')
    }
  })

  test('of another time than the broker’s is refused, saying how far the clocks are apart', async () => {
    cluster.skew = 58_000
    expect(await result(cluster.tokenOf(pod))).toBe('ok')
    for (const skew of [75_000, -75_000]) {
      cluster.skew = skew
      const { body } = await sidecar.enrol(cluster.tokenOf(pod))
      expect(body).toMatchObject({ error: 'ProofTime', transient: true })
      expect(body['message']).toMatch(/7[456] s away/)
    }
  })

  test('that was used before is refused', async () => {
    const proof = await sidecar.proof('/v1/enrol', { method: 'POST' })
    const token = cluster.tokenOf(pod)
    expect(await result(token, { proof })).toBe('ok')
    expect(await result(token, { proof })).toBe('ProofReplayed')
  })

  test('is remembered only for callers whose token is good', async () => {
    const proof = await sidecar.proof('/v1/enrol', { method: 'POST' })
    expect(await result('a stranger’s', { proof })).toBe('TokenNotAccepted')
    expect(await result(cluster.tokenOf(pod), { proof })).toBe('ok')
  })
})

describe('the token', () => {
  test('that the API server does not know, or that has ended, is refused', async () => {
    const token = cluster.tokenOf(pod)
    cluster.tokens.delete(token)
    for (const each of [token, '', 'x'.repeat(17_000)]) {
      expect(await result(each)).toBe('TokenNotAccepted')
    }
  })

  test('of another audience is refused: the agent’s own, or the API server’s', async () => {
    for (const audience of ['frostgate.dev/agent', 'frostgate.dev/enrol/other-cluster']) {
      const token = cluster.tokenOf(pod, { audiences: [audience] })
      expect(await result(token)).toBe('TokenNotAccepted')
    }
  })

  test('is refused if whoever reviews it knows no audiences, or vouches for nobody', async () => {
    const user = {
      username: 'system:serviceaccount:ci:runner',
      extra: {
        'authentication.kubernetes.io/pod-name': [pod.metadata.name],
        'authentication.kubernetes.io/pod-uid': [pod.metadata.uid],
      },
    }
    const audiences = [enrolAudience(clusterUid)]
    for (const [status, expected] of [
      [{ authenticated: true, user }, 'TokenNotAccepted'],
      [{ authenticated: false, audiences, user }, 'TokenNotAccepted'],
      [{ audiences, user }, 'TokenNotAccepted'],
      [{ authenticated: true, audiences, user }, 'ok'],
    ] as const) {
      const replica = await cluster.replica({ reviewToken: () => Promise.resolve(status) })
      sidecar = await cluster.sidecar(replica.port, sidecar.key)
      expect(await result('any')).toBe(expected)
    }
  })

  test('that is bound to no pod, or to two, is refused', async () => {
    const key = 'authentication.kubernetes.io/pod-uid'
    const name = { 'authentication.kubernetes.io/pod-name': [pod.metadata.name] }
    for (const extra of [{}, name, { ...name, [key]: ['a', 'b'] }, { ...name, [key]: ['../x'] }]) {
      expect(await result(cluster.tokenOf(pod, { extra }))).toBe('TokenNotOfPod')
    }
    const username = 'system:node:worker-1'
    expect(await result(cluster.tokenOf(pod, { username }))).toBe('TokenNotOfPod')
  })

  test('cannot be judged while the API server is away: try again', async () => {
    cluster.away = true
    const { status, body } = await sidecar.enrol(cluster.tokenOf(pod))
    expect(status).toBe(503)
    expect(body).toMatchObject({ error: 'ApiUnavailable', transient: true })
    cluster.away = false
    expect(await result(cluster.tokenOf(pod))).toBe('ok')
  })
})

describe('the pod', () => {
  const proxy = { name: 'frostgate-proxy', image: 'frostgate', restartPolicy: 'Always' }
  const token = () => cluster.tokenOf(pod)
  const meta = () => pod.metadata

  test('that is gone is refused', async () => {
    cluster.pods.clear()
    expect(await result(token())).toBe('PodNotLive')
  })

  test('that has been replaced by one of the same name is refused', async () => {
    const old = token()
    cluster.addPod(meta().name)
    expect(await result(old)).toBe('PodNotLive')
  })

  test('that is being deleted, has ended, has no sidecar or another ServiceAccount is refused', async () => {
    const spec = pod.spec
    const bad: readonly Partial<TestPod>[] = [
      { metadata: { ...meta(), deletionTimestamp: '2026-01-01T00:00:00Z' } },
      { status: { phase: 'Succeeded' } },
      { status: { phase: 'Failed' } },
      { spec: { ...spec, initContainers: [] } },
      { spec: { ...spec, initContainers: [], containers: [{ name: 'frostgate-proxy' }] } },
      { spec: { ...spec, serviceAccountName: 'another' } },
    ]
    for (const change of bad) {
      cluster.pods.set(`ci/${meta().name}`, { ...pod, ...change })
      expect(await result(token()), JSON.stringify(change)).toBe('PodNotLive')
    }
  })

  test('that runs already may renew', async () => {
    cluster.pods.set(`ci/${meta().name}`, { ...pod, status: { phase: 'Running' } })
    expect(await result(token())).toBe('ok')
  })

  test('that was not injected, or differs from what was, is refused and reported', async () => {
    cluster.refusals = ({ spec }) =>
      spec?.initContainers?.[0]?.image === 'evil'
        ? [
            {
              reason: 'ProxyChanged',
              field: 'spec.initContainers[0].image',
              message: 'is not the sidecar',
              advice: '',
            },
          ]
        : []
    cluster.pods.set(`ci/${meta().name}`, {
      ...pod,
      spec: { ...pod.spec, initContainers: [{ ...proxy, image: 'evil' }] },
    })
    expect(await result(token())).toBe('PodNotInjected')
    expect(cluster.alerts).toMatchObject([{ reason: 'EnrolmentRefused', pod: { namespace: 'ci' } }])
    expect(JSON.stringify(cluster.alerts)).toContain('spec.initContainers[0].image')
    expect(cluster.leases.size).toBe(0)
  })

  test('without the annotation of the injection is refused whatever its spec', async () => {
    const annotations = { 'frostgate.dev/connection': 'acme' }
    cluster.pods.set(`ci/${meta().name}`, { ...pod, metadata: { ...meta(), annotations } })
    expect(await result(token())).toBe('PodNotInjected')
  })
})

describe('the connection', () => {
  test('that the pod names must be there', async () => {
    cluster.connections.clear()
    expect(await result(cluster.tokenOf(pod))).toBe('ConnectionUnknown')
  })

  test('is in the namespace that the pod names, and in no other', async () => {
    const annotations = { ...pod.metadata.annotations, 'frostgate.dev/namespace': 'elsewhere' }
    const metadata = { ...pod.metadata, annotations }
    cluster.pods.set(`ci/${pod.metadata.name}`, { ...pod, metadata })
    expect(await result(cluster.tokenOf(pod))).toBe('ConnectionUnknown')
  })

  test('is in the operator’s namespace where the pod’s annotation is empty', async () => {
    const annotations = { ...pod.metadata.annotations, 'frostgate.dev/namespace': '' }
    const metadata = { ...pod.metadata, annotations }
    cluster.pods.set(`ci/${pod.metadata.name}`, { ...pod, metadata })
    expect(await result(cluster.tokenOf(pod))).toBe('ok')
  })

  test('must be named', async () => {
    const annotations = { 'frostgate.dev/injected': 'x' }
    const metadata = { ...pod.metadata, annotations }
    cluster.pods.set(`ci/${pod.metadata.name}`, { ...pod, metadata })
    expect(await result(cluster.tokenOf(pod))).toBe('ConnectionNotNamed')
  })

  test('must let in pods of the namespace', async () => {
    cluster.allowed = (namespace) => namespace === 'data'
    expect(await result(cluster.tokenOf(pod))).toBe('NamespaceNotAllowed')
  })
})

describe('the pin', () => {
  test('holds the first key: the agent’s container with a token of the same pod is refused', async () => {
    expect(await result(cluster.tokenOf(pod))).toBe('ok')
    const agent = await cluster.sidecar(port)
    const { status, body } = await agent.enrol(cluster.tokenOf(pod))
    expect(status).toBe(403)
    expect(body).toMatchObject({ error: 'SecondEnrolment', transient: false })
    const { uid } = pod.metadata
    expect(cluster.alerts).toMatchObject([
      { reason: 'SidecarEnrolled', pod: { uid }, connection: 'frostgate/acme' },
      { reason: 'SecondEnrolment', pod: { uid } },
    ])
  })

  test('leaves the first key what it has: a second one cannot knock it out', async () => {
    await sidecar.enrol(cluster.tokenOf(pod))
    const stream = await sidecar.stream()
    await stream.next('bundle')
    const agent = await cluster.sidecar(port)
    await agent.enrol(cluster.tokenOf(pod))
    expect((await sidecar.call('/v1/bundle')).status).toBe(200)
    expect(stream.notices.map(({ type }) => type)).not.toContain('revoked')
    expect(await result(cluster.tokenOf(pod))).toBe('ok')
    stream.close()
  })

  test('is one for all replicas, also when two keys race', async () => {
    const { port: second } = await cluster.replica()
    for (let round = 0; round < 8; round += 1) {
      const raced = cluster.addPod()
      const callers = await Promise.all(
        [port, second, port, second].map((to) => cluster.sidecar(to)),
      )
      const answers = await Promise.all(callers.map((each) => each.enrol(cluster.tokenOf(raced))))
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 403, 403, 403])
    }
  })

  test('is not written for who is refused', async () => {
    cluster.allowed = () => false
    await sidecar.enrol(cluster.tokenOf(pod))
    expect(cluster.leases.size).toBe(0)
  })
})

describe('too much', () => {
  test('from one pod is slowed, and others go on', async () => {
    for (let turn = 0; turn < 10; turn += 1) await sidecar.enrol(cluster.tokenOf(pod))
    const { status, headers, body } = await sidecar.enrol(cluster.tokenOf(pod))
    expect(status).toBe(429)
    expect(body).toMatchObject({ error: 'TooManyRequests', transient: true })
    expect(Number(headers['retry-after'])).toBeGreaterThan(0)
    const other = await cluster.sidecar(port)
    expect((await other.enrol(cluster.tokenOf(cluster.addPod()))).status).toBe(200)
  })

  test('from one address is slowed before the API server is asked', async () => {
    const { port: tight } = await cluster.replica({
      limits: { enrolPerAddress: { burst: 2, perSecond: 0.001 } },
    })
    sidecar = await cluster.sidecar(tight)
    const results = [await result('a'), await result('b')]
    cluster.away = true
    expect([...results, await result('c')]).toEqual([
      'TokenNotAccepted',
      'TokenNotAccepted',
      'TooManyRequests',
    ])
  })
})

test('bodies that are no enrolment are refused without a word of what they held', async () => {
  const secret = randomUUID()
  const bodies: readonly unknown[] = [
    Buffer.from(`{"token": "${secret}`),
    Buffer.from([0xff, 0xfe, 0x00]),
    [secret],
    null,
    { token: secret },
    { protocol: 'v9', token: secret },
    Buffer.alloc(64 * 1024),
  ]
  for (const body of bodies) {
    const { status, bytes } = await sidecar.enrol('', { body })
    expect([400, 413]).toContain(status)
    expect(bytes.toString()).not.toContain(secret)
  }
  expect(cluster.logged.join('')).not.toContain(secret)
})
