/** Frostgate with all ways to decide: the page with a provider, Slack with a stand-in for it. */

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import {
  signingSecret,
  slackStandIn,
  team,
  type SlackStandIn,
} from '../../operator/notify/slack/slack-stand-in.ts'
import { startProvider, type RunningProvider } from '../../operator/page/support/provider.ts'
import { pageUrl } from '../../operator/page/support/whole-page.ts'
import type { Cluster } from '../cluster.ts'
import { imageTable, images } from '../images.ts'
import type { KubeObject } from '../kubectl.ts'
import { selfSigned } from './certificate.ts'
import { ownConnection } from './connections.ts'
import { installExample, release, runnerNamespace, secret } from './frostgate.ts'
import { addImages } from './held-clients.ts'

/** Who decides, by where. All are stewards. */
export const people = {
  kubectl: 'dana',
  cli: 'carl',
  page: 'ada',
  slack: { user: 'U0STEWARD', subject: 'sam' },
} as const

export const stewards = 'data-stewards'

export interface Offices {
  readonly provider: RunningProvider
  readonly slack: SlackStandIn
  close(): Promise<void>
}

const operatorImage = { repository: 'frostgate.test/operator-that-trusts', tag: '1' } as const

/** Provider and Slack's stand-in at the node's address, which pods reach, and Frostgate told of them. */
export async function installWithOffices(cluster: Cluster, namespace: string): Promise<Offices> {
  const { facts, kubectl, nodeIp = '' } = cluster
  // Slack answers people at `hooks.` of its own host, so that it needs a name.
  const slackHost = `slack.${namespace}.svc`
  const tls = await selfSigned(slackHost, `hooks.${slackHost}`, nodeIp)
  const authority = join(facts.runFolder, 'offices-ca.pem')
  await writeFile(authority, tls.certificate)
  const at = { host: nodeIp, ...tls }
  const provider = await startProvider(pageUrl, { at })
  provider.groups.set(people.page, [stewards])
  const slack = await slackStandIn({ ...at, name: slackHost })
  const close = async (): Promise<void> => {
    await Promise.all([provider.close(), slack.api.close()])
  }
  try {
    const operator = imageTable(process.execPath)[images.operator]
    if (operator === undefined) throw new Error('there is an image of the operator')
    // Slack's certificate is the world's to know; that of its stand-in is not.
    const env = { ...operator.env, NODE_EXTRA_CA_CERTS: authority }
    const paths = [...(operator.paths ?? []), authority]
    const { repository, tag } = operatorImage
    await addImages(facts, { [`${repository}:${tag}`]: { ...operator, env, paths } })
    await runnerNamespace(cluster, namespace)
    await cluster.createNamespace(release.namespace)
    const port = Number(new URL(slack.api.url).port)
    await kubectl.apply([
      ...slackService(namespace, nodeIp, port),
      secret(release.namespace, 'page-client', { 'client-secret': provider.secret }),
      secret(release.namespace, 'slack', {
        token: 'xoxb-1234567890-test',
        'signing-secret': signingSecret,
      }),
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { namespace: release.namespace, name: 'offices-ca' },
        data: { 'ca.crt': tls.certificate },
      },
    ])
    await installExample(cluster, {
      image: operatorImage,
      approvals: { page: pageValues(provider), slack: slackValues(provider, slack) },
    })
  } catch (error) {
    await close()
    throw error
  }
  return { provider, slack, close }
}

function pageValues({ issuer, clientId }: RunningProvider): object {
  return {
    enabled: true,
    url: pageUrl,
    oidc: {
      issuer,
      clientId,
      clientSecretRef: { name: 'page-client' },
      caConfigMap: 'offices-ca',
    },
  }
}

function slackValues({ issuer }: RunningProvider, { api }: SlackStandIn): object {
  const { user, subject } = people.slack
  return {
    enabled: true,
    secret: 'slack',
    apiUrl: `${api.url}/api/`,
    teamId: team,
    channels: [{ name: 'stewards', channel: 'C0123456789' }],
    people: { [user]: { issuer, subject, groups: [stewards] } },
  }
}

/** Names for the node's address: `slack` and, below it, `hooks`. */
function slackService(namespace: string, address: string, port: number): readonly object[] {
  const metadata = { namespace, name: 'slack' }
  return [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: { clusterIP: 'None', ports: [{ name: 'https', port }] },
    },
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { ...metadata, labels: { 'kubernetes.io/service-name': 'slack' } },
      addressType: 'IPv4',
      ports: [{ name: 'https', port, protocol: 'TCP' }],
      endpoints: [{ addresses: [address], hostname: 'hooks', conditions: { ready: true } }],
    },
  ]
}

/** Objects whose statements wait for people, and for how long at most. */
export const heldObjects = {
  patients: { object: 'HEALTH.PHI.PATIENTS', expiresAfter: '10m' },
  expiring: { object: 'HEALTH.PHI.VISITS', expiresAfter: '1m' },
  changing: { object: 'ANALYTICS.PUBLIC.CUSTOMERS', expiresAfter: '10m' },
  altered: { object: 'STAGING.PUBLIC.EVENTS', expiresAfter: '10m' },
} as const

type HeldName = keyof typeof heldObjects

/** Policy of the connection; `counts` says of which rule another number of people must approve. */
export function holdingPolicy(
  name: string,
  namespace: string,
  counts: Partial<Record<HeldName, number>> = {},
): object {
  const { policy } = ownConnection(name, namespace)
  const rules = (Object.keys(heldObjects) as HeldName[]).map((rule) => ({
    name: rule,
    action: 'RequireApproval',
    statements: ['Query'],
    objects: [heldObjects[rule].object],
    approval: {
      approvers: { groups: [stewards], users: [people.cli] },
      count: counts[rule] ?? 1,
      expiresAfter: heldObjects[rule].expiresAfter,
    },
  }))
  const alter = {
    name: 'alter',
    action: 'Allow',
    statements: ['DDL'],
    objects: [heldObjects.altered.object],
  }
  const { spec } = policy as { readonly spec: object }
  return { ...policy, spec: { ...spec, rules: [...rules, alter], recording: { results: 'Full' } } }
}

/** A connection that holds, and the right to approve for those who ask the API server. */
export async function holdingConnection(
  { kubectl }: Cluster,
  name: string,
  namespace: string,
): Promise<void> {
  const { connection, masking } = ownConnection(name, namespace)
  const apiGroup = 'rbac.authorization.k8s.io'
  const binding = {
    apiVersion: `${apiGroup}/v1`,
    kind: 'RoleBinding',
    metadata: { namespace: release.namespace, name },
    roleRef: { apiGroup, kind: 'ClusterRole', name: `${release.name}-approver` },
    subjects: [
      { apiGroup, kind: 'Group', name: stewards },
      { apiGroup, kind: 'User', name: people.cli },
    ],
  }
  await kubectl.apply([connection, masking, holdingPolicy(name, namespace), binding])
  await kubectl.run(
    ['wait', '--for=condition=Ready', `sfc/${name}`, '-n', release.namespace, '--timeout=60s'],
    { seconds: 70 },
  )
}

export interface RequestObject extends KubeObject {
  readonly spec: {
    readonly statement: string
    readonly statementDigest: string
    readonly pod?: { readonly name: string }
  }
  readonly status?: {
    readonly phase?: string
    readonly uses?: readonly { readonly id: string }[]
    readonly decisions?: readonly { readonly username: string; readonly via: string }[]
    readonly conditions?: readonly { readonly type: string; readonly message?: string }[]
  }
}
