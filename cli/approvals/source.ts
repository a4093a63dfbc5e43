/** Where requests and decisions are kept: a cluster, or a folder of `frostgate up`. */

import { stat } from 'node:fs/promises'

import type { ApprovalRequest } from '../../crds/types.ts'
import type { AccessOptions } from '../cluster/api.ts'
import { CliError, type Terminal } from '../output.ts'

export type { ApprovalRequest }
export type Phase = NonNullable<NonNullable<ApprovalRequest['status']>['phase']>
export type Verdict = 'Approve' | 'Deny'

export interface ApprovalSource {
  /** For people: which cluster or folder. */
  readonly place: string
  /** In whatever phase. Errors: CliError. */
  requests(): Promise<readonly ApprovalRequest[]>
  /** As it is now. Errors: CliError. */
  request(name: string): Promise<ApprovalRequest | undefined>
  /** Makes the decision; whose it is, the keeper finds out. Gives its name. Errors: CliError. */
  decide(decision: Deciding): Promise<string>
  /** What the keeper made of a decision; undefined if it has not said so yet. Errors: CliError. */
  judged(decision: string): Promise<Judged | undefined>
  close(): Promise<void>
}

export interface Deciding {
  readonly request: ApprovalRequest
  /** Of what was reviewed. */
  readonly digest: string
  readonly verdict: Verdict
  readonly reason: string | undefined
}

/** Whether it counts; if not, why, in the keeper's words. */
export type Judged = { readonly counts: true } | { readonly counts: false; readonly why: string }

export interface SourceOptions extends AccessOptions {
  readonly namespace?: string
  readonly allNamespaces?: true
  /** A folder. */
  readonly approvals?: string
  /** File of the key that decisions in a folder are signed with. */
  readonly key?: string
}

/** Where `frostgate up` keeps them. */
export const defaultFolder = '.frostgate/approvals'
export const defaultNamespace = 'frostgate'

/**
 * The folder that is named; else the default one, if it is there and nothing of a cluster is named;
 * else the cluster. Errors: CliError.
 */
export async function openSource(
  options: SourceOptions,
  terminal: Pick<Terminal, 'environment' | 'error'>,
): Promise<ApprovalSource> {
  const { approvals, key, allNamespaces, namespace = defaultNamespace, ...access } = options
  const { kubeconfig, context } = access
  const named = [kubeconfig, context, options.namespace, allNamespaces]
  const ofCluster = named.some((option) => option !== undefined)
  if (approvals !== undefined && ofCluster) {
    throw new CliError(
      'Requests are in a folder (--approvals) or in a cluster (--kubeconfig, --context, --namespace): name one of them.',
    )
  }
  const folder = approvals ?? (!ofCluster && (await isFolder(defaultFolder)) ? defaultFolder : null)
  if (folder !== null) {
    const { folderSource } = await import('./folder.ts')
    return folderSource(folder, key, terminal)
  }
  if (key !== undefined) {
    throw new CliError('--key is for decisions in a folder: a cluster knows who you are.')
  }
  const { clusterSource } = await import('./cluster.ts')
  return clusterSource(access, allNamespaces === true ? undefined : namespace)
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
}

export function phaseOf({ status }: ApprovalRequest): Phase {
  return status?.phase ?? 'Pending'
}
