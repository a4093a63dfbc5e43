/**
 * An API server that answers as one with a Frostgate in it did: for pages that show what cluster
 * commands print, and for tests of these commands. What it holds is cut to what they read.
 */

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { admissionPolicies, definitionNames, webhookNames } from '../../cli/doctor/names.ts'
import { makeAuthority } from '../../operator/certs/certificate.ts'
import { version } from '../../sidecar/version.ts'

/** JSON by path; a path that is not here is 404. */
export type Answers = Readonly<Record<string, object>>

export interface RecordedClusters {
  /** A file. */
  readonly kubeconfig: string
  close(): Promise<void>
}

const day = 86_400_000
const admission = '/apis/admissionregistration.k8s.io/v1'
const labels = { 'app.kubernetes.io/version': version }

/** A release that is well, with one connection, its policy and its masking rule. */
export async function healthyAnswers(now: number): Promise<Answers> {
  const until = now + 365 * day + day / 2
  const { certificate } = await makeAuthority('frostgate-ca', { from: now - day, until })
  const caBundle = Buffer.from(certificate).toString('base64')
  const configuration = (names: readonly string[]) => ({
    webhooks: names.map((name) => ({ name, failurePolicy: 'Fail', clientConfig: { caBundle } })),
  })
  return {
    '/version': { gitVersion: 'v1.36.1', minor: '36' },
    ...Object.fromEntries(
      definitionNames.map((name) => [
        `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${name}`,
        {
          metadata: { labels },
          status: { conditions: [{ type: 'Established', status: 'True' }] },
        },
      ]),
    ),
    '/apis/apps/v1/namespaces/frostgate/deployments/frostgate-operator': {
      metadata: { labels },
      spec: {
        replicas: 3,
        template: {
          spec: { containers: [{ image: `ghcr.io/frostgate/operator:${version}` }] },
        },
      },
      status: { readyReplicas: 3 },
    },
    '/apis/coordination.k8s.io/v1/namespaces/frostgate/leases/frostgate-operator': {
      spec: {
        holderIdentity: 'frostgate-operator-648c479c8c-7k82n',
        renewTime: new Date(now).toISOString(),
      },
    },
    '/api/v1/namespaces/frostgate/secrets/frostgate-keys': { data: { 'ca.crt': caBundle } },
    '/api/v1/namespaces/frostgate/secrets/acme-ca': { data: { 'ca.crt': caBundle } },
    [`${admission}/mutatingwebhookconfigurations/frostgate`]: configuration(webhookNames.mutating),
    [`${admission}/validatingwebhookconfigurations/frostgate`]: configuration(
      webhookNames.validating,
    ),
    [`${admission}/validatingadmissionpolicies`]: {
      items: admissionPolicies.map((name) => ({ metadata: { name } })),
    },
    [`${admission}/validatingadmissionpolicybindings`]: {
      items: admissionPolicies.map((policyName) => ({
        spec: { policyName, validationActions: ['Deny'] },
      })),
    },
    ...everywhere('snowflakeconnections', [connection]),
    ...everywhere('agentpolicies', [
      object('AgentPolicy', 'ci-runners', { conditions: [ready('Programmed')] }),
    ]),
    ...everywhere('maskingrules', [
      object('MaskingRule', 'ssn', { conditions: [ready('Programmed')] }),
    ]),
    '/api/v1/pods': { items: [] },
  }
}

/** As it would be with a Secret that holds no key. */
export function withInvalidCredential(answers: Answers): Answers {
  const message = 'Secret frostgate/acme-key privateKey: is missing. Add the key in PKCS#8 PEM.'
  const closed = { type: 'Ready', status: 'False', reason: 'InvalidCredential', message }
  return {
    ...answers,
    ...everywhere('snowflakeconnections', [
      {
        ...connection,
        status: { ...connection.status, conditions: [{ ...closed, observedGeneration: 1 }] },
      },
    ]),
  }
}

function ready(reason: string) {
  return { type: 'Ready', status: 'True', reason, message: 'In force.', observedGeneration: 1 }
}

function object(kind: string, name: string, status: object) {
  return { kind, metadata: { namespace: 'frostgate', name, generation: 1 }, status }
}

const connection = {
  ...object('SnowflakeConnection', 'acme', {}),
  spec: {
    host: 'warehouse.snowflake-example.svc',
    user: 'FROSTGATE_AGENTS',
    role: 'AGENT_READER',
    warehouse: 'AGENT_WH',
    credential: { keyPair: { secretRef: { name: 'acme-key' } } },
    identityProviders: [{ name: 'cluster', kubernetes: {} }],
    tls: { caSecretRef: { name: 'acme-ca' } },
  },
  status: {
    bundle: 'sha256:466f92b9c05a2b1d',
    sidecars: { connected: 4, inSync: 4 },
    conditions: [ready('Open')],
  },
}

/** In its namespace and in the list of all. */
function everywhere(plural: string, items: readonly object[]): Answers {
  const base = '/apis/frostgate.dev/v1alpha1'
  return {
    [`${base}/${plural}`]: { items },
    [`${base}/namespaces/frostgate/${plural}`]: { items },
  }
}

/** What the webhook says to the pod that the doctor tries. */
const denial =
  'admission webhook "inject.frostgate.dev" denied the request: there is no SnowflakeConnection'

/** One server for each context of the kubeconfig; the first context is the current one. */
export async function startRecordedClusters(
  contexts: Readonly<Record<string, Answers>>,
): Promise<RecordedClusters> {
  const servers = await Promise.all(
    Object.entries(contexts).map(async ([name, answers]) => ({ name, ...(await serve(answers)) })),
  )
  const folder = await mkdtemp(join(tmpdir(), 'frostgate-recorded-'))
  const kubeconfig = join(folder, 'config')
  await writeFile(
    kubeconfig,
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: servers.map(({ name, url }) => ({
        name,
        cluster: { server: url, 'insecure-skip-tls-verify': true },
      })),
      users: [{ name: 'reader', user: {} }],
      contexts: servers.map(({ name }) => ({ name, context: { cluster: name, user: 'reader' } })),
      'current-context': servers[0]?.name,
    }),
  )
  return {
    kubeconfig,
    close: async () => {
      await Promise.all(servers.map(({ close }) => close()))
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function serve(
  answers: Answers,
): Promise<{ readonly url: string; readonly close: () => Promise<void> }> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    const found = request.method === 'GET' ? answers[pathname] : undefined
    const [code, message] =
      request.method === 'POST' ? [403, denial] : [404, `${pathname} is not there`]
    response.writeHead(found === undefined ? code : 200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(found ?? { kind: 'Status', status: 'Failure', code, message }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
