/** A whole operator in this process, over an API server in memory that can be made to fail. */

import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { Agent, request } from 'node:https'

import pino from 'pino'
import { expect, vi } from 'vitest'

import { apiVersion } from '../../../crds/definitions.ts'
import type { AdmissionResponse } from '../../../operator/admission/webhook/review.ts'
import type { AccessSource } from '../../../operator/kube/access.ts'
import { KubeClient } from '../../../operator/kube/client.ts'
import { readSettings, type Settings } from '../../../operator/settings.ts'
import { startOperator } from '../../../operator/wiring/operator.ts'
import type { OperatorTiming, RunningOperator } from '../../../operator/wiring/options.ts'
import { enrolAudience } from '../../../sidecar/control/protocol.ts'
import { makeSidecarKey, TestSidecar } from '../../support/broker-client.ts'
import { FakeApiServer } from '../../support/fake-api-server/server.ts'
import { quick } from '../../support/fake-api-server/reflecting.ts'
import { apply } from '../admission/support/json-patch.ts'
import { connection, maskingRule, policy } from '../compile/objects.ts'

export const namespace = 'frostgate'
const origin = `https://frostgate-broker.${namespace}.svc:8443`

export const webhookKinds = [
  'mutatingwebhookconfigurations',
  'validatingwebhookconfigurations',
] as const

/** What a pod's author writes. */
export const annotated = (name = 'runner', to = 'acme') => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { namespace: 'ci', name, annotations: { 'frostgate.dev/connection': to } },
  spec: { serviceAccountName: 'runner', containers: [{ name: 'app', image: 'app:1' }] },
})

/** With a connection, a policy, a masking rule and the cluster's own answers. */
export async function clusterInMemory(): Promise<FakeApiServer> {
  const server = new FakeApiServer()
  await server.listen()
  const { objects, answers } = server
  const space = (name: string, labels = {}) =>
    objects.put('namespaces', { metadata: { name, labels } })
  const { uid = '' } = space('kube-system').metadata
  space(namespace)
  space('ci', { team: 'ci' })
  answers.set('/.well-known/openid-configuration', () => ({ issuer: 'https://cluster.example' }))
  answers.set('/openid/v1/jwks', () => ({ keys: [] }))
  answers.set('/apis/authentication.k8s.io/v1/tokenreviews', (body) => ({
    status: reviewed(server, uid, body as { readonly spec: { readonly token: string } }),
  }))
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  objects.put('secrets', {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { namespace, name: 'acme-key' },
    type: 'Opaque',
    data: { privateKey: Buffer.from(pem).toString('base64') },
  })
  put(server, connection('acme', { allowedNamespaces: { from: 'All' } }))
  put(server, policy('agents', 'acme'))
  put(server, maskingRule('ssn', 'acme'))
  return server
}

const plurals: Readonly<Record<string, string>> = {
  SnowflakeConnection: 'snowflakeconnections',
  AgentPolicy: 'agentpolicies',
  MaskingRule: 'maskingrules',
}

/** As if somebody had applied it; nothing is validated. */
export function put(server: FakeApiServer, object: object): void {
  const { kind } = object as { readonly kind: string }
  server.objects.put(plurals[kind] ?? '', { apiVersion, ...object } as never)
}

/** A token is `pod:<name>`: the kubelet's projected one, of the pod that has that name now. */
function reviewed(
  { objects }: FakeApiServer,
  clusterUid: string,
  { spec }: { readonly spec: { readonly token: string } },
): object {
  const name = spec.token.replace(/^pod:/, '')
  const pod = objects.find('pods', 'ci', name)
  if (pod === undefined) return { authenticated: false }
  return {
    authenticated: true,
    audiences: [enrolAudience(clusterUid)],
    user: {
      username: 'system:serviceaccount:ci:runner',
      extra: {
        'authentication.kubernetes.io/pod-name': [name],
        'authentication.kubernetes.io/pod-uid': [pod.metadata.uid],
      },
    },
  }
}

export interface WholeOperator {
  readonly running: RunningOperator
  readonly logged: readonly string[]
  /** The verdict of a webhook, as the API server gets it. */
  review(path: string, object: object, more?: object): Promise<AdmissionResponse>
  /** Injects the pod through the webhook, and stores it as running. */
  createPod(pod: ReturnType<typeof annotated>): Promise<void>
  sidecar(): Promise<TestSidecar>
  health(path: string): Promise<{ readonly status: number; readonly text: string }>
  close(): Promise<void>
}

const timing: Partial<OperatorTiming> = {
  lingerMs: 0,
  limitMs: 1_500,
  startMs: 2_000,
  startBackoff: { leastMs: 20, mostMs: 200 },
  reflectors: quick,
}

export interface WholeOptions {
  readonly readToken?: () => string
  /** Instead of straight to the server. */
  readonly access?: AccessSource
  readonly settings?: Partial<Settings>
  readonly timing?: Partial<OperatorTiming>
  readonly signal?: AbortSignal
  readonly log?: string[]
}

export const settingsWith = (changes: Partial<Settings> = {}): Settings => ({
  ...readSettings({
    FROSTGATE_NAMESPACE: namespace,
    FROSTGATE_POD_NAME: `operator-${randomUUID().slice(0, 6)}`,
    FROSTGATE_SIDECAR_IMAGE: 'ghcr.io/frostgate/sidecar:1',
    FROSTGATE_BROKER_URL: origin,
    FROSTGATE_LISTEN_BROKER: '0',
    FROSTGATE_LISTEN_WEBHOOK: '0',
    FROSTGATE_LISTEN_HEALTH: '0',
  }),
  ...changes,
})

/** Nothing is waited for but the start itself. */
export async function wholeOperator(
  server: FakeApiServer,
  options: WholeOptions = {},
): Promise<WholeOperator> {
  const logged = options.log ?? []
  const running = await startOperator({
    settings: settingsWith(options.settings),
    version: '0.0.0-test',
    client: new KubeClient(options.access ?? server.access(options.readToken)),
    log: pino({ level: 'info' }, { write: (line: string) => void logged.push(line) }),
    timing: { ...timing, ...options.timing },
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  })
  const trust = (): string => trustIn(server) ?? ''
  const agent = new Agent({ keepAlive: true })
  const sidecars: TestSidecar[] = []
  const review: WholeOperator['review'] = async (path, object, more = {}) => {
    const { kind } = object as { readonly kind: string }
    const body = {
      apiVersion: 'admission.k8s.io/v1',
      kind: 'AdmissionReview',
      request: {
        uid: randomUUID(),
        kind: { group: '', version: 'v1', kind },
        resource: { group: '', version: 'v1', resource: plurals[kind] ?? 'pods' },
        operation: 'CREATE',
        namespace: 'ci',
        userInfo: { username: 'alice' },
        object,
        ...more,
      },
    }
    const port = running.ports.webhooks
    const answer = await posted({ agent, port, path: `${path}?timeout=5s`, ca: trust() }, body)
    return (answer as { readonly response: AdmissionResponse }).response
  }
  return {
    running,
    logged,
    review,
    createPod: async (pod) => {
      const { patch = '' } = await review('/inject', pod)
      const operations = JSON.parse(Buffer.from(patch, 'base64').toString()) as never
      const made = apply(pod, operations)
      server.objects.put('pods', { ...made, status: { phase: 'Pending' } } as never)
    },
    sidecar: async () => {
      const address = { origin, port: running.ports.broker, trust: trust() }
      const made = new TestSidecar(address, await makeSidecarKey())
      sidecars.push(made)
      return made
    },
    health: (path) => got(running.ports.health, path),
    close: async () => {
      agent.destroy()
      for (const each of sidecars) each.close()
      await running.close('the test is over')
    },
  }
}

/** What the operator wrote for the API server to trust; undefined before. */
export function trustIn(server: FakeApiServer): string | undefined {
  const [kind] = webhookKinds
  const found = server.objects.find(kind, undefined, 'frostgate') as
    | { readonly webhooks?: readonly { readonly clientConfig: { readonly caBundle: string } }[] }
    | undefined
  const caBundle = found?.webhooks?.[0]?.clientConfig.caBundle
  return caBundle === undefined ? undefined : Buffer.from(caBundle, 'base64').toString()
}

export async function got(
  port: number,
  path: string,
): Promise<{ readonly status: number; readonly text: string }> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    headers: { connection: 'close' },
  })
  return { status: response.status, text: await response.text() }
}

export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

export const soon = <T>(check: () => T | Promise<T>, timeout = 6_000): Promise<T> =>
  vi.waitFor(check, { timeout, interval: 25 })

function posted(
  { agent, port, path, ca }: { agent: Agent; port: number; path: string; ca: string },
  body: object,
): Promise<unknown> {
  const servername = `frostgate-webhook.${namespace}.svc`
  return new Promise((resolve, reject) => {
    const options = { agent, host: '127.0.0.1', port, path, ca, servername, method: 'POST' }
    const call = request(options, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (part: string) => (text += part))
      response.on('end', () => {
        resolve(JSON.parse(text))
      })
    })
    call.on('error', reject)
    call.end(JSON.stringify(body))
  })
}

interface Status {
  readonly bundle?: string
  readonly conditions?: readonly { readonly type: string; readonly status: string }[]
}

export const statusOf = (server: FakeApiServer, plural: string, name: string): Status =>
  server.objects.find(plural, namespace, name)?.['status'] ?? {}

export const bundleInStatus = (server: FakeApiServer): string | undefined =>
  statusOf(server, 'snowflakeconnections', 'acme').bundle

export const all = ['list', 'watch', 'get', 'create', 'update', 'apply', 'patch', 'delete'] as const

/** Another policy of the same name. */
export const narrower = policy('agents', 'acme', {
  rules: [{ name: 'read', action: 'Allow', statements: ['Query'], objects: ['A.NARROW.*'] }],
})

/** The API server can call it. */
export async function becomesReady(operator: WholeOperator): Promise<void> {
  await soon(async () => {
    expect(await operator.health('/readyz')).toEqual({ status: 200, text: 'ok\n' })
  })
}

/** What must not pass, whatever is wrong with the API server. */
export async function expectClosed(operator: WholeOperator): Promise<void> {
  const { metadata, ...rest } = annotated('forged')
  const forged = {
    ...rest,
    metadata: {
      ...metadata,
      annotations: { ...metadata.annotations, 'frostgate.dev/injected': '1.aaaa.bbbb' },
    },
  }
  const answers = await Promise.all([
    operator.review('/verify', forged),
    operator.review('/inject', annotated('other', 'unknown')),
    operator.review('/inject', annotated(), { namespace: 'never-seen' }),
    operator.review('/validate', policy('agents', 'acme', { rules: 'all' })),
    operator.review('/nowhere-to-be-found', annotated()).catch(() => ({ allowed: false })),
  ])
  expect(
    answers.map((each) => (each as { allowed?: boolean } | undefined)?.allowed ?? false),
  ).toEqual([false, false, false, false, false])
}
