import { generateKeyPairSync, X509Certificate } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { allowed } from '../../../operator/compile/allowed-namespaces.ts'
import { compileAll } from '../../../operator/compile/compile-all.ts'
import type { ClusterFacts } from '../../../operator/compile/identity-providers.ts'
import { formatProblem } from '../../../operator/store/problem.ts'
import type { Bundle } from '../../../sidecar/control/bundle.ts'
import { parseBundle } from '../../../sidecar/control/load.ts'
import { testAuthority } from '../../support/broker/certificates.ts'
import { connection, maskingRule, policy, secret, snapshotOf } from './objects.ts'

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const publicJwk = { ...rsa.publicKey.export({ format: 'jwk' }), kid: 'a', alg: 'RS256', use: 'sig' }
const cluster: ClusterFacts = {
  issuer: 'https://kubernetes.default.svc.cluster.local',
  jwks: { keys: [publicJwk] },
}

function resultOf(options: { readonly cluster?: ClusterFacts }, ...objects: readonly object[]) {
  const compiled = compileAll(snapshotOf(...objects), options).connections.get('frostgate/acme')
  if (compiled === undefined) throw new Error('malformed')
  return compiled
}

function bundleOf(...objects: readonly object[]): Bundle {
  const { state, problems } = resultOf({ cluster }, ...objects)
  if ('closed' in state) throw new Error(problems.map(formatProblem).join('\n'))
  // Whatever compiles is also what a sidecar takes.
  expect(parseBundle(JSON.stringify(state.bundle), 'bundle')).toEqual(state.bundle)
  return state.bundle
}

function problemsOf(...objects: readonly object[]): readonly string[] {
  return resultOf({ cluster }, ...objects).problems.map(formatProblem)
}

const own = { identityProviders: [{ name: 'cluster', kubernetes: {} }] }

describe('The cluster as identity provider', () => {
  const providerWith = (keys: ClusterFacts['jwks']['keys']) => {
    const { state } = resultOf({ cluster: { ...cluster, jwks: { keys } } }, connection('acme', own))
    return 'bundle' in state ? state.bundle.connection.identityProviders[0] : undefined
  }

  test('is its issuer with its keys, for tokens that agents of the same pod are given', () => {
    expect(bundleOf(connection('acme', own)).connection.identityProviders).toEqual([
      {
        name: 'cluster',
        issuer: cluster.issuer,
        audiences: ['frostgate.dev/agent'],
        groupsClaim: '',
        algorithms: ['RS256'],
        jwks: { keys: [publicJwk] },
        podBound: true,
      },
    ])
  })

  test('accepts the algorithms of its keys only, the usual one where a key names none', () => {
    const { alg: _alg, ...plain } = publicJwk
    expect(_alg).toBe('RS256')
    const found = providerWith([plain, ec.publicKey.export({ format: 'jwk' }) as object as never])
    expect(found?.algorithms).toEqual(['ES256', 'RS256'])
  })

  test('has nothing of a key that is private', () => {
    const found = providerWith([rsa.privateKey.export({ format: 'jwk' }) as object as never])
    expect(Object.keys(found?.jwks?.keys[0] ?? {}).toSorted()).toEqual(['alg', 'e', 'kty', 'n'])
  })

  test('without a key to check by closes the connection', () => {
    const symmetric = { kty: 'oct', k: 'c2VjcmV0' }
    const { problems } = resultOf(
      { cluster: { ...cluster, jwks: { keys: [symmetric] } } },
      connection('acme', own),
    )
    expect(problems.map(formatProblem)).toEqual([
      'SnowflakeConnection frostgate/acme spec.identityProviders[0].kubernetes: the cluster publishes no key that its tokens could be checked by. See what "kubectl get --raw /openid/v1/jwks" says; the operator must be able to read it.',
    ])
  })

  test('cannot also be an oidc provider, whose tokens need not be of the pod', () => {
    const twice = [
      { name: 'cluster', kubernetes: {} },
      { name: 'same', oidc: { issuer: cluster.issuer, audiences: ['x'] } },
    ]
    expect(problemsOf(connection('acme', { identityProviders: twice }))).toEqual([
      'SnowflakeConnection frostgate/acme spec.identityProviders[1].oidc.issuer: is the issuer of provider "cluster" too, so a token would have two meanings. Name each issuer once; it may have several audiences.',
    ])
  })
})

describe('Service accounts', () => {
  const subject = { provider: 'cluster', serviceAccounts: [{ namespace: 'ci', name: 'runner' }] }
  const subjectsOf = (subjects: readonly object[]) => {
    const [found] = bundleOf(connection('acme', own), policy('p', 'acme', { subjects })).policies
    return found?.subjects.map((each) => each.subjects)
  }

  test('are subjects as Kubernetes spells them in tokens', () => {
    expect(subjectsOf([subject])).toEqual([['system:serviceaccount:ci:runner']])
  })

  test('given together with subjects match those that are in both', () => {
    const serviceAccounts = [...subject.serviceAccounts, { namespace: 'ci', name: 'other' }]
    const subjects = ['system:serviceaccount:ci:other', 'someone']
    expect(subjectsOf([{ ...subject, serviceAccounts, subjects }])).toEqual([
      ['system:serviceaccount:ci:other'],
    ])
  })

  test('that nobody can be would silently mask nobody, and are refused', () => {
    const rule = maskingRule('r', 'acme', { subjects: [{ ...subject, subjects: ['someone'] }] })
    expect(problemsOf(connection('acme', own), rule)).toEqual([
      'MaskingRule frostgate/r spec.subjects[0].serviceAccounts: none of these service accounts is among subjects, so nobody matches. Give one of serviceAccounts and subjects, or the same in both.',
    ])
  })
})

describe('A credential', () => {
  test.each([
    [{ keyPair: { secretRef: { name: 'k' } } }, { kind: 'keyPair', secretName: 'k' }],
    [
      { programmaticAccessToken: { secretRef: { name: 'k' } } },
      { kind: 'programmaticAccessToken', secretName: 'k' },
    ],
    [
      { workloadIdentity: {} },
      {
        kind: 'workloadIdentity',
        serviceAccount: 'frostgate-acme',
        audience: 'snowflakecomputing.com',
      },
    ],
    [
      { workloadIdentity: { serviceAccountName: 'wif', audience: 'a' } },
      { kind: 'workloadIdentity', serviceAccount: 'wif', audience: 'a' },
    ],
  ])('compiles without any secret: %j', (credential, compiled) => {
    expect(bundleOf(connection('acme', { credential })).connection.credential).toEqual(compiled)
  })
})

test('How long sidecars go on alone is ten minutes, or what the connection says', () => {
  const staleOf = (spec: Readonly<Record<string, unknown>>) =>
    bundleOf(connection('acme', spec)).connection.maxStale
  expect(staleOf({})).toBe(600)
  expect(staleOf({ maxStale: '0s' })).toBe(0)
})

describe('Certificates of the account', () => {
  let pem = ''

  beforeAll(async () => {
    pem = (await testAuthority('ca')).pem
  })

  const trusting = {
    account: undefined,
    host: 'snow.example.com',
    tls: { caSecretRef: { name: 'ca' } },
  }
  const with_ = (text: string) => [connection('acme', trusting), secret('ca', { 'ca.crt': text })]
  const at = 'SnowflakeConnection frostgate/acme spec.tls.caSecretRef.name: '

  test('are all in the bundle, and nothing that stood beside them', () => {
    const { trust } = bundleOf(...with_(`# our CA\n${pem}\n\n${pem}`)).connection
    expect(trust?.match(/BEGIN CERTIFICATE/g)).toHaveLength(2)
    expect(trust).not.toContain('our CA')
    expect(new X509Certificate(trust ?? '').subject).toBe('CN=ca')
  })

  test.each([
    [
      '',
      '"ca.crt" of the Secret "ca" holds no certificate. Write certificates in PEM, as openssl x509 prints them.',
    ],
    [
      '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
      'certificate 1 in "ca.crt" of the Secret "ca" cannot be read. Write certificates in PEM, as openssl x509 prints them.',
    ],
    [
      '-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n',
      '"ca.crt" of the Secret "ca" holds something else than certificates. Leave only the BEGIN CERTIFICATE blocks: what is private does not belong there.',
    ],
  ])('that are none close the connection, without showing them: %j', (text, problem) => {
    expect(problemsOf(...with_(text))).toEqual([`${at}${problem}`])
  })

  test('in a Secret without them close the connection', () => {
    expect(problemsOf(connection('acme', trusting), secret('ca', { other: 'x' }))).toEqual([
      `${at}the Secret "ca" has no "ca.crt". Add it, with the certificates in PEM.`,
    ])
  })

  test('are read again when the Secret changes', () => {
    const first = compileAll(snapshotOf(...with_(pem)), { cluster })
    const second = compileAll(snapshotOf(...with_(`${pem}\n${pem}`)), { cluster, previous: first })
    const trusts = [first, second].map(({ connections }) => {
      const { state } = connections.get('frostgate/acme') ?? {}
      return state !== undefined && 'bundle' in state ? state.bundle.connection.trust : undefined
    })
    expect(trusts[0]).not.toBe(trusts[1])
  })
})

describe('The namespaces whose pods may use a connection are', () => {
  const mayUse = (allowedNamespaces: object | undefined, name: string, labels = {}) => {
    const spec = allowedNamespaces === undefined ? {} : { allowedNamespaces }
    const [located] = snapshotOf(connection('acme', spec)).objects.connections
    return located !== undefined && allowed(located.object, name, labels)
  }
  const selector = { matchLabels: { team: 'ci', tier: 'a' } }

  test('its own, if nothing is said', () => {
    expect(mayUse(undefined, 'frostgate')).toBe(true)
    expect(mayUse(undefined, 'ci', { team: 'ci' })).toBe(false)
    expect(mayUse({ from: 'Same' }, 'ci')).toBe(false)
  })

  test('those that have all labels of the selector', () => {
    const bySelector = { from: 'Selector', selector }
    expect(mayUse(bySelector, 'ci', { team: 'ci', tier: 'a', other: 'x' })).toBe(true)
    expect(mayUse(bySelector, 'ci', { team: 'ci' })).toBe(false)
    expect(mayUse(bySelector, 'ci', { team: 'ci', tier: 'b' })).toBe(false)
    expect(mayUse(bySelector, 'frostgate')).toBe(true)
  })

  test('all', () => {
    expect(mayUse({ from: 'All' }, 'anywhere')).toBe(true)
  })
})

describe('In a cluster', () => {
  test.each(['127.0.0.1:8443', 'localhost', '[::1]:1'])('a host %s is the agent’s', (host) => {
    const object = connection('acme', { account: undefined, host })
    expect(resultOf({}, object).problems).toEqual([])
    expect(problemsOf(object).join()).toMatch(/spec\.host: .* is a loopback address/)
  })

  test('an issuer on loopback is the agent’s', () => {
    const oidc = { issuer: 'http://127.0.0.1:8080', audiences: ['x'] }
    const object = connection('acme', { identityProviders: [{ name: 'own', oidc }] })
    expect(resultOf({}, object).problems).toEqual([])
    expect(problemsOf(object).join()).toMatch(/oidc\.issuer: .* is a loopback address/)
  })
})

describe('The audience of a workload identity', () => {
  const withAudience = (audience: string) =>
    connection('acme', { credential: { workloadIdentity: { audience } } })

  test.each([
    cluster.issuer,
    'https://oidc.example/id/7',
    'https://oidc.example/id/7/',
    'https://kubernetes.default.svc',
    'HTTPS://Kubernetes.default.svc.cluster.local',
    'kubernetes.default',
    'kubernetes',
    'frostgate.dev/enrol/5f0c2a3e',
    'frostgate.dev/agent',
  ])('is not one at which it would be rights in the cluster: %s', (audience) => {
    const issuer = 'https://oidc.example/id/7'
    for (const facts of [cluster, { ...cluster, issuer }]) {
      const { problems } = resultOf({ cluster: facts }, withAudience(audience))
      const isIssuer = audience.startsWith(issuer) && facts === cluster
      expect(problems.map(({ field }) => field)).toEqual(
        isIssuer ? [] : ['spec.credential.workloadIdentity.audience'],
      )
    }
  })

  test.each(['snowflakecomputing.com', 'kubernetes-prod.example', 'https://snowflake.example'])(
    'may be %s',
    (audience) => {
      expect(problemsOf(withAudience(audience))).toEqual([])
    },
  )
})
