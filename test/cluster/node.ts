/** One node: the kubelet, and a runtime that runs each container as a process of this machine. */

import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import type { Paths } from './binaries.ts'
import type { ProgramName } from './binaries/programs.ts'
import { kubeconfigName, kubeletClientUser } from './control-plane/files.ts'
import {
  argumentsOf,
  clusterDns,
  clusterDomain,
  files,
  nodeIp,
  serviceCidr,
} from './control-plane/flags.ts'
import { healthy } from './control-plane/health.ts'
import { nodeName } from './control-plane/identities.ts'
import { startDaemon, tailOf, type Daemon } from './daemon.ts'
import type { ImageTable } from './images.ts'
import type { Kubectl } from './kubectl.ts'
import { kubeletConfiguration, runtimeSocket } from './kubelet/configuration.ts'
import { unmountBelow } from './kubelet/machine.ts'
import { freePorts } from './ports.ts'

export interface NodeOptions {
  readonly folder: string
  readonly programs: Paths<ProgramName>
  readonly images: ImageTable
  readonly kubectl: Kubectl
}

export interface ClusterNode {
  readonly daemons: () => readonly Daemon[]
  readonly close: () => Promise<void>
}

interface NodeState {
  readonly status?: { readonly conditions?: readonly { type: string; status: string }[] }
}

/** @throws Error with the end of the log of the program that did not start. */
export async function startNode(options: NodeOptions): Promise<ClusterNode> {
  const { folder, kubectl } = options
  await kubectl.apply(kubeletClientBinding())
  const daemons: Daemon[] = []
  const close = async (): Promise<void> => {
    // The kubelet first: it would start again what the runtime ends.
    for (const daemon of daemons.splice(0).reverse()) await daemon.stop()
    await unmountBelow(folder)
  }
  try {
    daemons.push(await startRuntime(options))
    const kubelet = await startKubelet(options)
    daemons.push(kubelet)
    await kubelet.ready(
      `node ${nodeName} to be Ready`,
      async () => isReady(await kubectl.get<NodeState>('node', nodeName)),
      { everyMilliseconds: 500 },
    )
  } catch (error) {
    await close()
    throw error
  }
  return { daemons: () => daemons, close }
}

async function startRuntime({ folder, programs, images }: NodeOptions): Promise<Daemon> {
  const table = join(folder, 'images.json')
  const root = join(folder, 'runtime')
  await writeFile(table, JSON.stringify(images, undefined, 2))
  await mkdir(root, { recursive: true })
  const daemon = await startDaemon({
    name: 'node-runtime',
    program: programs['node-runtime'],
    args: argumentsOf({
      socket: runtimeSocket(folder),
      root,
      images: table,
      kubeconfig: join(folder, kubeconfigName('node-runtime')),
      'service-cidr': serviceCidr,
      'cluster-dns': clusterDns,
      'cluster-domain': clusterDomain,
      // Containers see the machine's files, but never this cluster's keys and tokens.
      hide: folder,
    }),
    logFolder: join(folder, files.logs),
    orphanSignal: 'TERM',
  })
  const isServing = (): Promise<boolean> =>
    Promise.resolve(tailOf(daemon.log, 100).split('\n').includes('ready'))
  await daemon.ready('node-runtime to print ready', isServing, { everyMilliseconds: 100 })
  return daemon
}

async function startKubelet({ folder, programs }: NodeOptions): Promise<Daemon> {
  const [port = 0, healthPort = 0] = await freePorts(2)
  const configuration = join(folder, 'kubelet.yaml')
  await writeFile(configuration, kubeletConfiguration({ folder, port, healthPort }))
  const daemon = await startDaemon({
    name: 'kubelet',
    program: programs.kubelet,
    args: argumentsOf({
      config: configuration,
      kubeconfig: join(folder, kubeconfigName('kubelet')),
      'root-dir': join(folder, 'kubelet'),
      'cert-dir': join(folder, 'kubelet-certificates'),
      'hostname-override': nodeName,
      'node-ip': nodeIp,
    }),
    logFolder: join(folder, files.logs),
  })
  await daemon.ready('the kubelet', () => healthy(`http://127.0.0.1:${healthPort}/healthz`))
  return daemon
}

/** Logs and exec are calls of the API server to the kubelet, which asks whether it may. */
function kubeletClientBinding(): object {
  const rbac = 'rbac.authorization.k8s.io'
  return {
    apiVersion: `${rbac}/v1`,
    kind: 'ClusterRoleBinding',
    metadata: { name: kubeletClientUser },
    roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: 'system:kubelet-api-admin' },
    subjects: [{ apiGroup: rbac, kind: 'User', name: kubeletClientUser }],
  }
}

function isReady({ status }: NodeState): boolean {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready')
  return ready?.status === 'True'
}
