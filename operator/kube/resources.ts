/** The resources that the operator uses: where they are, and what their objects look like. */

import type {
  CoreV1Event,
  V1ConfigMap,
  V1CustomResourceDefinition,
  V1Deployment,
  V1Job,
  V1Lease,
  V1MutatingWebhookConfiguration,
  V1Namespace,
  V1Node,
  V1Pod,
  V1Secret,
  V1Service,
  V1ServiceAccount,
  V1ValidatingAdmissionPolicy,
  V1ValidatingAdmissionPolicyBinding,
  V1ValidatingWebhookConfiguration,
} from '@kubernetes/client-node'
import type {
  AgentPolicy,
  ApprovalDecision,
  ApprovalRequest,
  MaskingRule,
  SnowflakeConnection,
} from '../../crds/types.ts'

/** `T` is what the objects look like in JSON; it exists only for the compiler. */
export interface Resource<T> {
  /** Empty for the core group. */
  readonly group: string
  readonly version: string
  readonly kind: string
  readonly plural: string
  readonly namespaced: boolean
  readonly object?: T
}

/** What every object has; all that the client itself looks at. */
export interface KubeObject {
  readonly apiVersion?: string | undefined
  readonly kind?: string | undefined
  readonly metadata?: KubeMetadata | undefined
}

/** client-node's types have dates where the wire has texts, so a time is `unknown` here. */
export interface KubeMetadata {
  readonly name?: string | undefined
  readonly namespace?: string | undefined
  readonly resourceVersion?: string | undefined
  readonly uid?: string | undefined
  readonly generation?: number | undefined
  readonly labels?: Readonly<Record<string, string>> | undefined
  readonly annotations?: Readonly<Record<string, string>> | undefined
  readonly creationTimestamp?: unknown
  readonly deletionTimestamp?: unknown
}

/** An object as JSON gives it: client-node's types say `Date` for what is a text. */
export type Wire<T> = T extends Date
  ? string
  : T extends readonly (infer E)[]
    ? Wire<E>[]
    : T extends object
      ? { [K in keyof T]: Wire<T[K]> }
      : T

function resource<T>(
  group: string,
  version: string,
  kind: string,
  plural: string,
  namespaced = true,
): Resource<Wire<T>> {
  return { group, version, kind, plural, namespaced }
}

function ours<T>(kind: string, plural: string): Resource<T> {
  return { group: 'frostgate.dev', version: 'v1alpha1', kind, plural, namespaced: true }
}

const cluster = false
const admission = 'admissionregistration.k8s.io'

export const resources = {
  configMaps: resource<V1ConfigMap>('', 'v1', 'ConfigMap', 'configmaps'),
  events: resource<CoreV1Event>('', 'v1', 'Event', 'events'),
  namespaces: resource<V1Namespace>('', 'v1', 'Namespace', 'namespaces', cluster),
  nodes: resource<V1Node>('', 'v1', 'Node', 'nodes', cluster),
  pods: resource<V1Pod>('', 'v1', 'Pod', 'pods'),
  secrets: resource<V1Secret>('', 'v1', 'Secret', 'secrets'),
  serviceAccounts: resource<V1ServiceAccount>('', 'v1', 'ServiceAccount', 'serviceaccounts'),
  services: resource<V1Service>('', 'v1', 'Service', 'services'),
  deployments: resource<V1Deployment>('apps', 'v1', 'Deployment', 'deployments'),
  jobs: resource<V1Job>('batch', 'v1', 'Job', 'jobs'),
  leases: resource<V1Lease>('coordination.k8s.io', 'v1', 'Lease', 'leases'),
  customResourceDefinitions: resource<V1CustomResourceDefinition>(
    'apiextensions.k8s.io',
    'v1',
    'CustomResourceDefinition',
    'customresourcedefinitions',
    cluster,
  ),
  mutatingWebhooks: resource<V1MutatingWebhookConfiguration>(
    admission,
    'v1',
    'MutatingWebhookConfiguration',
    'mutatingwebhookconfigurations',
    cluster,
  ),
  validatingWebhooks: resource<V1ValidatingWebhookConfiguration>(
    admission,
    'v1',
    'ValidatingWebhookConfiguration',
    'validatingwebhookconfigurations',
    cluster,
  ),
  admissionPolicies: resource<V1ValidatingAdmissionPolicy>(
    admission,
    'v1',
    'ValidatingAdmissionPolicy',
    'validatingadmissionpolicies',
    cluster,
  ),
  admissionPolicyBindings: resource<V1ValidatingAdmissionPolicyBinding>(
    admission,
    'v1',
    'ValidatingAdmissionPolicyBinding',
    'validatingadmissionpolicybindings',
    cluster,
  ),
  snowflakeConnections: ours<SnowflakeConnection>('SnowflakeConnection', 'snowflakeconnections'),
  agentPolicies: ours<AgentPolicy>('AgentPolicy', 'agentpolicies'),
  maskingRules: ours<MaskingRule>('MaskingRule', 'maskingrules'),
  approvalRequests: ours<ApprovalRequest>('ApprovalRequest', 'approvalrequests'),
  approvalDecisions: ours<ApprovalDecision>('ApprovalDecision', 'approvaldecisions'),
} as const

export function apiVersionOf({ group, version }: Resource<unknown>): string {
  return group === '' ? version : `${group}/${version}`
}

export interface Target {
  /** Of a namespaced resource; without it all namespaces are meant. */
  readonly namespace?: string | undefined
  readonly name?: string | undefined
  /** Such as `status` or `token`. */
  readonly subresource?: string | undefined
}

/** `/apis/frostgate.dev/v1alpha1/namespaces/ci/agentpolicies/etl/status` */
export function pathOf(resource: Resource<unknown>, target: Target = {}): string {
  const { namespace, name, subresource } = target
  if (namespace !== undefined && !resource.namespaced) {
    throw new TypeError(`${resource.plural} have no namespace, and "${namespace}" was given.`)
  }
  const steps = [
    ...(resource.group === '' ? ['api'] : ['apis', resource.group]),
    resource.version,
    ...(namespace === undefined ? [] : ['namespaces', segment(namespace)]),
    resource.plural,
    ...(name === undefined ? [] : [segment(name)]),
    ...(subresource === undefined ? [] : [subresource]),
  ]
  return `/${steps.join('/')}`
}

/** Names come from objects of others too: one such as `..` must not make another path. */
function segment(name: string): string {
  if (!/^[A-Za-z0-9]([A-Za-z0-9._:-]*[A-Za-z0-9])?$/.test(name)) {
    throw new TypeError(`${JSON.stringify(name)} is not a name of a Kubernetes object.`)
  }
  return encodeURIComponent(name)
}
