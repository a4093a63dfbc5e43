/** The chart as Helm renders it, as objects. */

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, test } from 'vitest'
import { parseAllDocuments } from 'yaml'

import { findHelm } from '../cluster/binaries.ts'
import { helmFor } from '../cluster/helm.ts'

export const chart = join(import.meta.dirname, '../../charts/frostgate')

export interface Rendered {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
  }
}

const finding = await findHelm()
const home = await mkdtemp(join(tmpdir(), 'frostgate-helm-'))

export const helmFinding = finding
export const helm = helmFor(finding, home)
export const hasHelm = !('skipped' in finding)

/** Removes what helm kept, and makes it visible where there is no helm. Call once in each file. */
export function withHelm(): void {
  afterAll(() => rm(home, { recursive: true, force: true }))
  if ('skipped' in finding) test.skip(`SKIPPED: ${finding.skipped}`, () => undefined)
}

export const release = { name: 'frostgate', namespace: 'frostgate' } as const

/** Errors: CommandError with what Helm says of the values. */
export async function render(
  values: object = {},
  { flags = [], as = release }: { flags?: readonly string[]; as?: typeof release } = {},
): Promise<readonly Rendered[]> {
  return objectsOf(await helm.template(as, chart, { values, flags }))
}

export function objectsOf(text: string): readonly Rendered[] {
  return parseAllDocuments(text).flatMap((document) => {
    const [error] = document.errors
    if (error !== undefined) throw error
    const object = document.toJS() as Rendered | null
    return object === null ? [] : [object]
  })
}

/** The only object of a kind and name. */
export function one(objects: readonly Rendered[], kind: string, name: string): unknown {
  const found = objects.filter((each) => each.kind === kind && each.metadata.name === name)
  const [first] = found
  if (first === undefined || found.length > 1)
    throw new Error(`${String(found.length)} objects ${kind} ${name}`)
  return first
}

/** With everything that can be turned on, and names unlike the defaults. */
export const everything = {
  replicas: 5,
  connectionNamespaces: ['team-b', 'team-a'],
  image: {
    repository: 'registry.example:5000/mirror/operator',
    digest: `sha256:${'a'.repeat(64)}`,
    pullPolicy: 'Always',
  },
  imagePullSecrets: ['registry'],
  sidecar: {
    image: { repository: 'registry.example/sidecar', tag: 'v1' },
    resources: { requests: { cpu: '1', memory: '1Gi' }, limits: { cpu: '2', memory: '2Gi' } },
  },
  logLevel: 'debug',
  recording: { persistentVolumeClaim: 'recordings' },
  approvals: {
    keepDays: 30,
    page: {
      enabled: true,
      url: 'https://approvals.example.com',
      tlsSecret: 'approvals-tls',
      viewers: ['auditors'],
      session: '30m',
      endWithIdToken: true,
      oidc: {
        issuer: 'https://login.example.com:8443/realms/a',
        clientId: 'frostgate',
        clientSecretRef: { name: 'approvals-oidc', key: 'secret' },
        clientAuthentication: 'client_secret_post',
        scopes: ['openid', 'groups'],
        usernameClaim: 'email',
        usernamePrefix: 'oidc:',
        groupsClaim: 'roles',
        groupsPrefix: 'oidc:',
        caConfigMap: 'company-ca',
      },
    },
    slack: {
      enabled: true,
      secret: 'approvals-slack',
      teamId: 'T0123456789',
      channels: [{ name: 'data', channel: 'C0123456789', connections: ['team-a/acme'] }],
      people: {
        U0123456789: {
          issuer: 'https://login.example.com:8443/realms/a',
          subject: 'dana',
          groups: ['data-stewards'],
        },
      },
    },
    webhooks: [
      {
        name: 'pager',
        url: 'https://hooks.example.com:9444/frostgate',
        secretRef: { name: 'pager', key: 'hmac' },
        includeStatement: true,
        connections: ['acme'],
      },
    ],
  },
  workloadIdentity: { serviceAccounts: ['frostgate-acme'] },
  podDisruptionBudget: { minAvailable: '50%' },
  ports: { broker: 18443, webhook: 19443, health: 19085, page: 18444 },
  hostNetwork: true,
  networkPolicy: { enabled: true, apiServerCidrs: ['10.0.0.1/32'] },
  metrics: {
    serviceMonitor: { enabled: true, labels: { prometheus: 'main' } },
    podMonitor: { enabled: true },
  },
  serviceAccountAnnotations: { 'example.com/a': 'b' },
  podAnnotations: { 'example.com/a': 'b' },
  podLabels: { 'example.com/a': 'b' },
  nodeSelector: { 'kubernetes.io/os': 'linux' },
  tolerations: [{ key: 'infra', operator: 'Exists' }],
  affinity: { nodeAffinity: {} },
  topologySpreadConstraints: [
    { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' },
  ],
  priorityClassName: 'system-cluster-critical',
} as const
