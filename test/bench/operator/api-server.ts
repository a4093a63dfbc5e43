/** The fake API server in a process of its own: `node api-server.ts <connections>`. */

import { generateKeyPairSync } from 'node:crypto'

import { makeAuthority, makeLeaf } from '../../../operator/certs/certificate.ts'
import { enrolAudience } from '../../../sidecar/control/protocol.ts'
import { fakeApiServer } from '../../support/fake-api-server/server.ts'
import { objectsOf, surroundings } from './objects.ts'

/** What the parent is told. */
export interface ApiServerReady {
  readonly port: number
  readonly ca: string
  readonly clusterUid: string
}

const issuer = 'https://kubernetes.default.svc.cluster.local'
const validity = { from: Date.now() - 60_000, until: Date.now() + 24 * 3_600_000 }
const authority = await makeAuthority('bench', validity)
const leaf = await makeLeaf(authority, ['127.0.0.1'], validity)
const server = await fakeApiServer({
  key: leaf.key.export({ type: 'pkcs8', format: 'pem' }).toString(),
  cert: leaf.certificate,
})
server.bookmarkMs = 10_000
server.objects.stamps = Date.now
for (const { plural, object } of [...surroundings(), ...objectsOf(Number(process.argv[2] ?? 0))])
  server.objects.put(plural, object)
const clusterUid = server.objects.find('namespaces', undefined, 'kube-system')?.metadata.uid ?? ''

const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const keys = [{ ...publicKey.export({ format: 'jwk' }), kid: '1', alg: 'ES256', use: 'sig' }]
server.answers.set('/.well-known/openid-configuration', () => ({ issuer }))
server.answers.set('/openid/v1/jwks', () => ({ keys }))
server.answers.set('/apis/authentication.k8s.io/v1/tokenreviews', (body) => {
  // A token is the name of its pod, and its UID.
  const { spec } = body as { readonly spec: { readonly token: string } }
  const [namespace = '', name = '', uid = ''] = spec.token.split(' ')
  return {
    status: {
      authenticated: true,
      audiences: [enrolAudience(clusterUid)],
      user: {
        username: `system:serviceaccount:${namespace}:default`,
        extra: {
          'authentication.kubernetes.io/pod-name': [name],
          'authentication.kubernetes.io/pod-uid': [uid],
        },
      },
    },
  }
})
const ready: ApiServerReady = { port: server.port, ca: authority.certificate, clusterUid }
process.send?.(ready)
