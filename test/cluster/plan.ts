/** What can be had on this machine: the programs found, the largest part of a cluster, and why. */

import { findBinaries, findHelm, findKubectl, possiblePart, type Findings } from './binaries.ts'
import type { Say } from './binaries/build.ts'
import { parts, type Finding, type Part } from './binaries/programs.ts'
import { whyNoNode } from './kubelet/machine.ts'

export interface OwnPlan {
  readonly kind: 'own'
  readonly findings: Findings
  /** undefined where not even an API server can be had. */
  readonly part: Part | undefined
  /** Why it is not more, with remedies; empty for a whole cluster. */
  readonly lacks: readonly string[]
}

export interface ExternalPlan {
  readonly kind: 'external'
  readonly kubeconfig: string
  readonly kubectl: Finding
  readonly helm: Finding
}

export type Plan = OwnPlan | ExternalPlan

/** @throws Error when a cluster of the user's is asked for and not named. */
export async function planCluster(say: Say): Promise<Plan> {
  const external = externalKubeconfig(process.env)
  if (external !== undefined) {
    const [kubectl, helm] = await Promise.all([findKubectl(), findHelm()])
    return { kind: 'external', kubeconfig: external, kubectl, helm }
  }
  const findings = await findBinaries(say)
  return ownPlan(findings, await whyNoNode())
}

/** Joins what the programs allow with what the machine allows. */
export function ownPlan(findings: Findings, noNode: string | undefined): OwnPlan {
  const { part, lacks } = possiblePart(findings)
  const helm = 'skipped' in findings.helm ? [findings.helm.skipped] : []
  if (part === undefined || noNode === undefined) {
    return { kind: 'own', findings, part, lacks: [...lacks, ...helm] }
  }
  const allowed = parts.indexOf(part) >= parts.indexOf('node') ? 'control-plane' : part
  return { kind: 'own', findings, part: allowed, lacks: [noNode, ...lacks, ...helm] }
}

/** Programs that are missing for a fault of this repository's: a run without them has failed. */
export function brokenPrograms({ findings }: OwnPlan): readonly string[] {
  return Object.entries(findings)
    .filter(([, finding]) => 'broken' in finding)
    .map(([name]) => name)
}

/** The user's kubeconfig where FROSTGATE_CLUSTER=external asks for it, never otherwise. */
export function externalKubeconfig(environment: NodeJS.ProcessEnv): string | undefined {
  const { FROSTGATE_CLUSTER = '', KUBECONFIG = '' } = environment
  if (FROSTGATE_CLUSTER === '') return undefined
  if (FROSTGATE_CLUSTER !== 'external') {
    throw new Error(
      `FROSTGATE_CLUSTER is ${JSON.stringify(FROSTGATE_CLUSTER)}: leave it out to start a cluster, or say "external" to use the one of KUBECONFIG.`,
    )
  }
  if (KUBECONFIG === '') {
    throw new Error('FROSTGATE_CLUSTER=external needs KUBECONFIG: the file of the cluster to use.')
  }
  return KUBECONFIG
}
