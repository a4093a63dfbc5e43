/** A real Kubernetes for tests: started here on loopback, or one that the user names. */

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { remoteSwitch, type ApiServerSwitch } from './api-server-switch.ts'
import { pathsFor, required } from './binaries.ts'
import { partsUpTo, type Finding, type Part } from './binaries/programs.ts'
import { versionIn, printed } from './binaries/versions.ts'
import { nodeIp } from './control-plane/flags.ts'
import { startControlPlane } from './control-plane.ts'
import type { Daemon } from './daemon.ts'
import { helmFor, type Helm } from './helm.ts'
import { imageTable, type ImageTable } from './images.ts'
import { holdNetwork } from './kubelet/machine.ts'
import { kubectlFor, type Kubectl } from './kubectl.ts'
import { startNode } from './node.ts'
import { planCluster, type ExternalPlan, type OwnPlan, type Plan } from './plan.ts'

export interface ClusterOptions {
  /** How much of a cluster: `api-server` starts fastest, `node` runs pods. Default: all there is. */
  readonly part?: Part
  /** Further images for the node, or others for the same references. */
  readonly images?: ImageTable
  /** Where files and logs go; default is a new folder, removed by close(). */
  readonly runFolder?: string
  readonly plan?: Plan
  readonly say?: (line: string) => void
}

/** All that a suite in another process must know to use the cluster. */
export interface ClusterFacts {
  readonly kubeconfig: string
  readonly runFolder: string
  /** Started by the tests: only then may they stop its API server. */
  readonly owned: boolean
  readonly part: Part
  /** Where the node listens, and pods reach this machine; undefined where there is no own node. */
  readonly nodeIp?: string
  readonly versions: Readonly<Record<string, string>>
  readonly kubectlPath: string
  readonly helmFinding: Finding
}

export interface Cluster {
  readonly facts: ClusterFacts
  readonly kubeconfig: string
  readonly runFolder: string
  readonly owned: boolean
  readonly nodeIp: string | undefined
  readonly versions: Readonly<Record<string, string>>
  readonly kubectl: Kubectl
  /** Its calls fail with the remedy where there is no helm; ask facts.helmFinding first. */
  readonly helm: Helm
  /** Resolves to the name once pods can be created in it. */
  readonly createNamespace: (
    name: string,
    labels?: Readonly<Record<string, string>>,
  ) => Promise<string>
  readonly apiServer: ApiServerSwitch
}

export interface OwnedCluster extends Cluster {
  readonly daemons: () => readonly Daemon[]
  readonly close: () => Promise<void>
}

/**
 * Starts a cluster, or takes the one named by KUBECONFIG where FROSTGATE_CLUSTER=external.
 * @throws Error with reason and remedy where the part asked for cannot be had.
 */
export async function startCluster(options: ClusterOptions = {}): Promise<OwnedCluster> {
  const { say = () => undefined } = options
  const plan = options.plan ?? (await planCluster(say))
  const runFolder = options.runFolder ?? (await mkdtemp(join(tmpdir(), 'frostgate-cluster-')))
  const removal = async (): Promise<void> => {
    if (options.runFolder === undefined) await rm(runFolder, { recursive: true, force: true })
  }
  const closers = [removal]
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).reverse()) await closer()
  }
  try {
    const started =
      plan.kind === 'external'
        ? await useExternal(plan, runFolder)
        : await startOwn(plan, runFolder, options, closers)
    return { ...started, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** The cluster as seen by a process that did not start it. */
export function connectCluster(facts: ClusterFacts): Cluster {
  return { ...handles(facts), apiServer: facts.owned ? remoteSwitch(facts.runFolder) : noSwitch }
}

async function startOwn(
  plan: OwnPlan,
  runFolder: string,
  options: ClusterOptions,
  closers: (() => Promise<void>)[],
): Promise<Omit<OwnedCluster, 'close'>> {
  const { findings } = plan
  const part = options.part ?? plan.part
  if (part === undefined || plan.part === undefined || !partsUpTo(plan.part).includes(part)) {
    throw new Error(`No ${part ?? 'API server'}: ${plan.lacks.join('; ')}`)
  }
  const programs = pathsFor(part, findings)
  const node = part === 'node'
  if (node) {
    const network = await holdNetwork(options.say ?? (() => undefined))
    closers.push(network.release)
  }
  const plane = await startControlPlane({
    folder: runFolder,
    programs,
    controllers: part !== 'api-server',
    node,
  })
  closers.push(plane.close)
  const facts: ClusterFacts = {
    kubeconfig: plane.kubeconfig,
    runFolder,
    owned: true,
    part,
    ...(node ? { nodeIp } : {}),
    versions: Object.fromEntries(
      Object.entries(findings).flatMap(([name, finding]) =>
        'skipped' in finding ? [] : [[name, finding.version]],
      ),
    ),
    kubectlPath: required(findings.kubectl).path,
    helmFinding: findings.helm,
  }
  const base = handles(facts)
  const { kubectl } = base
  const images = imageTable(process.execPath, options.images)
  const added = node ? await startNode({ folder: runFolder, programs, images, kubectl }) : undefined
  if (added !== undefined) closers.push(added.close)
  return {
    ...base,
    apiServer: { stop: plane.stopApiServer, start: plane.startApiServer },
    daemons: () => [...plane.daemons(), ...(added?.daemons() ?? [])],
  }
}

async function useExternal(
  plan: ExternalPlan,
  runFolder: string,
): Promise<Omit<OwnedCluster, 'close'>> {
  const kubectlPath = required(plan.kubectl).path
  const kubectl = kubectlFor(kubectlPath, plan.kubeconfig, join(runFolder, 'kubectl'))
  const server = versionIn(await kubectl.run(['get', '--raw', '/version']))
  const facts: ClusterFacts = {
    kubeconfig: plan.kubeconfig,
    runFolder,
    owned: false,
    part: 'node',
    versions: { 'kube-apiserver': server === undefined ? 'unknown' : printed(server) },
    kubectlPath,
    helmFinding: plan.helm,
  }
  return { ...handles(facts), apiServer: noSwitch, daemons: () => [] }
}

const noSwitch: ApiServerSwitch = {
  stop: () => Promise.reject(new Error(notOurs)),
  start: () => Promise.reject(new Error(notOurs)),
}

const notOurs =
  'This cluster is not the tests’ own: its API server is not theirs to stop. Ask cluster.owned first.'

function handles(facts: ClusterFacts): Omit<Cluster, 'apiServer'> {
  const { kubeconfig, runFolder, owned, versions, kubectlPath, helmFinding, part } = facts
  const kubectl = kubectlFor(kubectlPath, kubeconfig, join(runFolder, 'kubectl'))
  return {
    facts,
    kubeconfig,
    runFolder,
    owned,
    nodeIp: facts.nodeIp,
    versions,
    kubectl,
    helm: helmFor(helmFinding, join(runFolder, 'helm'), kubeconfig),
    createNamespace: async (name, labels = {}) => {
      await kubectl.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } })
      // A pod needs both, and the controllers make them a moment later.
      if (part !== 'api-server') {
        await kubectl.waitFor('serviceaccount', 'default', name, () => true)
        await kubectl.waitFor('configmap', 'kube-root-ca.crt', name, () => true)
      }
      return name
    },
  }
}
