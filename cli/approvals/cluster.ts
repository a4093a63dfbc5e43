/** Requests and decisions in a cluster, with the rights of whoever asks. */

import type { ApprovalDecision, ApprovalRequest } from '../../crds/types.ts'
import { openApi, type AccessOptions, type OpenApi } from '../cluster/api.ts'
import { refusalOf, textAt } from '../doctor/finding.ts'
import { CliError } from '../output.ts'
import { sentenceOf } from './refusals.ts'
import type { ApprovalSource, Deciding } from './source.ts'

const base = '/apis/frostgate.dev/v1alpha1'

/** `namespace` undefined: of all of them, for lists only. */
export async function clusterSource(
  access: AccessOptions,
  namespace: string | undefined,
): Promise<ApprovalSource> {
  const api = await openApi(access)
  return sourceOver(api, namespace, placeOf(access, namespace))
}

export function sourceOver(
  api: OpenApi,
  namespace: string | undefined,
  place: string,
): ApprovalSource {
  const within = namespace === undefined ? '' : `/namespaces/${encodeURIComponent(namespace)}`
  const one = (plural: string, name: string): string => {
    if (namespace !== undefined) return `${base}${within}/${plural}/${encodeURIComponent(name)}`
    throw new CliError('A single request is of one namespace: name it with --namespace.')
  }
  return {
    place,
    requests: async () =>
      asked('list', undefined, namespace, () =>
        api.list(`${base}${within}/approvalrequests`),
      ) as Promise<readonly ApprovalRequest[]>,
    request: async (name) =>
      found<ApprovalRequest>(() => api.get(one('approvalrequests', name)), namespace),
    judged: async (name) => {
      const decision = await found<ApprovalDecision>(
        () => api.get(one('approvaldecisions', name)),
        namespace,
      )
      if (decision === undefined) return { counts: false, why: 'It was deleted.' }
      const ready = decision.status?.conditions?.find(({ type }) => type === 'Ready')
      if (ready?.status === 'True') return { counts: true }
      return ready?.status === 'False' ? { counts: false, why: ready.message } : undefined
    },
    decide: async (deciding) => {
      const { namespace: its = namespace } = deciding.request.metadata
      const path = `${base}/namespaces/${encodeURIComponent(its ?? '')}/approvaldecisions`
      const made = await asked('decide', deciding.request, its, () =>
        api.post(path, bodyOf(deciding, its)),
      )
      return textAt(made, 'metadata', 'name') ?? ''
    },
    close: () => api.close(),
  }
}

/** What anybody may write with kubectl create; the API server says who decided. */
function bodyOf({ request, digest, verdict, reason }: Deciding, namespace: string | undefined) {
  const { name } = request.metadata
  return {
    apiVersion: 'frostgate.dev/v1alpha1',
    kind: 'ApprovalDecision',
    metadata: { generateName: `${name}-`, namespace },
    spec: {
      requestRef: { name },
      statementDigest: digest,
      verdict,
      ...(reason === undefined ? {} : { reason }),
    },
  }
}

async function found<T>(
  ask: () => Promise<unknown>,
  namespace: string | undefined,
): Promise<T | undefined> {
  try {
    return (await ask()) as T
  } catch (error) {
    const refusal = refusalOf(error)
    // The server names the object where only that is missing, and no kind of ours if all is.
    if (refusal?.status === 404 && /approval\w+\.frostgate\.dev "/.test(refusal.message)) {
      return undefined
    }
    throw sentenceOf(error, { doing: 'read', request: undefined, namespace })
  }
}

async function asked<T>(
  doing: 'list' | 'decide',
  request: ApprovalRequest | undefined,
  namespace: string | undefined,
  ask: () => Promise<T>,
): Promise<T> {
  try {
    return await ask()
  } catch (error) {
    throw sentenceOf(error, { doing, request, namespace })
  }
}

function placeOf({ kubeconfig, context }: AccessOptions, namespace: string | undefined): string {
  const which = context === undefined ? 'the current context' : `context ${context}`
  const file = kubeconfig === undefined ? '' : ` of ${kubeconfig}`
  const where = namespace === undefined ? 'all namespaces' : `namespace ${namespace}`
  return `the cluster of ${which}${file}, ${where}`
}
