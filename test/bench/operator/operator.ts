/** The operator as its image runs it, beside a fake API server; each is a process of its own. */

import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { bundle } from '../../../build/bundle.ts'
import { inClusterAccess } from '../../../operator/kube/in-cluster.ts'
import { KubeClient } from '../../../operator/kube/client.ts'
import { resources } from '../../../operator/kube/resources.ts'
import { startMeasured, type Measured } from '../processes.ts'
import type { ApiServerReady } from './api-server.ts'
import { operatorNamespace } from './objects.ts'

export interface BenchOperator {
  readonly process: Measured
  readonly client: KubeClient
  readonly ports: { readonly broker: number; readonly webhooks: number }
  /** Of its webhooks and broker, PEM. */
  readonly trust: string
  /** Seconds from the start of its process until it serves. */
  readonly startSeconds: number
  /** Its process ends, and another one starts on the same objects. */
  restart(): Promise<BenchOperator>
  close(): Promise<void>
}

const release = 'frostgate'
export const brokerHost = `${release}-broker.${operatorNamespace}.svc`
export const webhookHost = `${release}-webhook.${operatorNamespace}.svc`
/** As the chart sets it. */
const nodeOptions = '--max-old-space-size=384'
/** However the bundle quotes it, and whatever it calls the name that it is given to. */
const assigned = /=\s*(["'`])\/var\/run\/secrets\/kubernetes\.io\/serviceaccount\1/

/**
 * The bundle of the image. Only where it looks for its ServiceAccount differs, which is a path that
 * a machine without pods does not have. Resolves to its entry point.
 */
export async function bundleOperator(folder: string): Promise<string> {
  const output = await bundle('operator', folder)
  for (const name of await readdir(output)) {
    if (!name.endsWith('.mjs')) continue
    const file = join(output, name)
    const text = await readFile(file, 'utf8')
    await writeFile(file, text.replace(assigned, `=${JSON.stringify(folder)}`))
  }
  return join(output, 'main.mjs')
}

/** @param folder where `bundleOperator` put the program; its credentials are written there. */
export async function startBenchOperator(
  program: string,
  folder: string,
  connections: number,
): Promise<BenchOperator> {
  const api = fork(join(import.meta.dirname, 'api-server.ts'), [String(connections)])
  const { port, ca } = await readyOf(api)
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'ca.crt'), ca)
  await writeFile(join(folder, 'token'), 'token')
  const cluster = { KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: String(port) }
  const client = new KubeClient(inClusterAccess({ env: cluster, folder }))
  const end = async (): Promise<void> => {
    await client.close()
    api.kill()
    await once(api, 'exit')
  }
  return await run(program, cluster, client, end)
}

async function run(
  program: string,
  cluster: Readonly<Record<string, string>>,
  client: KubeClient,
  end: () => Promise<void>,
): Promise<BenchOperator> {
  const since = performance.now()
  const started = await startMeasured([program], environment(cluster), servesAt)
  const startSeconds = (performance.now() - since) / 1000
  const [broker = 0, webhooks = 0] = started.url.split(' ').map(Number)
  return {
    process: started,
    client,
    ports: { broker, webhooks },
    trust: await trustOf(client),
    startSeconds,
    restart: async () => {
      await started.stop()
      return await run(program, cluster, client, end)
    },
    close: async () => {
      await started.stop()
      await end()
    },
  }
}

function environment(cluster: Readonly<Record<string, string>>): Record<string, string> {
  return {
    ...cluster,
    NODE_OPTIONS: nodeOptions,
    NODE_ENV: 'production',
    FROSTGATE_NAMESPACE: operatorNamespace,
    FROSTGATE_RELEASE: release,
    FROSTGATE_SIDECAR_IMAGE: 'frostgate.example/sidecar:1',
    FROSTGATE_BROKER_URL: `https://${brokerHost}:8443`,
    FROSTGATE_LISTEN_BROKER: '0',
    FROSTGATE_LISTEN_WEBHOOK: '0',
    FROSTGATE_LISTEN_HEALTH: '0',
  }
}

function servesAt(line: string): string | undefined {
  if (!line.includes('the operator serves')) return undefined
  const { broker, webhooks } = JSON.parse(line) as Readonly<Record<'broker' | 'webhooks', number>>
  return `${broker} ${webhooks}`
}

async function readyOf(child: ChildProcess): Promise<ApiServerReady> {
  const [message] = (await once(child, 'message')) as [ApiServerReady]
  return message
}

/** The CA is where the API server gets it: in the webhook configuration. */
async function trustOf(client: KubeClient): Promise<string> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const found = await client.find(resources.mutatingWebhooks, { name: release })
    const bundled = found?.webhooks?.[0]?.clientConfig.caBundle
    if (bundled !== undefined) return Buffer.from(bundled, 'base64').toString()
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error('the operator wrote no CA into its webhook configuration')
}
