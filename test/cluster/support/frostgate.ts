/** Frostgate as a suite needs it: installed by Helm, with the example's connection and stand-in. */

import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { parseAllDocuments } from 'yaml'

import type { Cluster } from '../cluster.ts'
import { repository } from '../images.ts'
import type { KubeObject } from '../kubectl.ts'
import { selfSigned } from './certificate.ts'

export const release = { name: 'frostgate', namespace: 'frostgate' } as const
const warehouseNamespace = 'snowflake-example'
const warehouseHost = `warehouse.${warehouseNamespace}.svc`

export interface KeyPair {
  /** PKCS#8, PEM. */
  readonly privateKey: string
  /** SubjectPublicKeyInfo, PEM. */
  readonly publicKey: string
}

/** Installs the chart of this checkout, or upgrades to it, and waits until it serves. */
export async function installFrostgate(cluster: Cluster, values: object = {}): Promise<void> {
  await cluster.helm.run(
    [
      'upgrade', '--install', release.name, join(repository, 'charts', 'frostgate'),
      '--namespace', release.namespace, '--create-namespace', '--wait', '--timeout', '120s',
      '--values', '-',
    ],
    { input: JSON.stringify({ replicas: 1, ...values }) },
  ) // prettier-ignore
}

export async function uninstallFrostgate(cluster: Cluster): Promise<void> {
  await cluster.helm.uninstall(release, '--wait', '--ignore-not-found')
}

/** The stand-in for Snowflake, as a pod with keys of its own; resolves to the gateway's key pair. */
export async function startWarehousePod(cluster: Cluster): Promise<KeyPair> {
  const { kubectl } = cluster
  const keys = keyPair()
  const tls = await selfSigned(warehouseHost)
  await cluster.createNamespace(warehouseNamespace)
  await kubectl.apply([
    secret(warehouseNamespace, 'warehouse', {
      'key.pub': keys.publicKey,
      'tls.crt': tls.certificate,
      'tls.key': tls.key,
    }),
    secret(release.namespace, 'acme-key', { privateKey: keys.privateKey }),
    secret(release.namespace, 'acme-ca', { 'ca.crt': tls.certificate }),
  ])
  await kubectl.apply(exampleFile('warehouse.yaml'))
  // Keys of an earlier start would still be mounted in an earlier pod.
  await kubectl.run(['rollout', 'restart', 'deployment/warehouse', '-n', warehouseNamespace])
  await kubectl.run(
    ['rollout', 'status', 'deployment/warehouse', '-n', warehouseNamespace, '--timeout=90s'],
    { seconds: 100 },
  )
  return keys
}

/** The example's three resources, in force. */
export async function applyExample(cluster: Cluster): Promise<void> {
  for (const file of ['connection', 'policy', 'masking'])
    await cluster.kubectl.apply(exampleFile('frostgate', `${file}.yaml`))
  await cluster.kubectl.run(
    ['wait', '--for=condition=Ready', 'sfc/acme', '-n', release.namespace, '--timeout=60s'],
    { seconds: 70 },
  )
}

/** All of it. */
export async function installExample(cluster: Cluster, values: object = {}): Promise<KeyPair> {
  await installFrostgate(cluster, values)
  const keys = await startWarehousePod(cluster)
  await applyExample(cluster)
  return keys
}

/** A namespace whose pods may use the example's connection, with the ServiceAccount `runner`. */
export async function runnerNamespace(
  cluster: Cluster,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): Promise<string> {
  await cluster.createNamespace(name, { team: 'ci', ...labels })
  await cluster.kubectl.apply({
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { namespace: name, name: 'runner' },
  })
  return name
}

/** The objects of a file of examples/ci-runner. */
export function exampleFile(...path: readonly string[]): readonly KubeObject[] {
  const text = readFileSync(join(repository, 'examples', 'ci-runner', ...path), 'utf8')
  return parseAllDocuments(text).map((document) => document.toJS() as KubeObject)
}

/** RSA, as Snowflake takes no other. */
export function keyPair(): KeyPair {
  return generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
}

export function secret(
  namespace: string,
  name: string,
  stringData: Readonly<Record<string, string>>,
): KubeObject {
  const object = { apiVersion: 'v1', kind: 'Secret', metadata: { namespace, name }, stringData }
  return object as unknown as KubeObject
}

/** For names that several runs on one cluster must not share. */
export const unique = (prefix: string): string => `${prefix}-${randomUUID().slice(0, 8)}`
