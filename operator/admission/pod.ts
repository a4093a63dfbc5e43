/** Kubernetes' types as what travels as JSON: no instance of the client's classes is made here. */

import type { V1Pod } from '@kubernetes/client-node'

type Plain<T> = T extends Date
  ? T
  : T extends readonly (infer U)[]
    ? Plain<U>[]
    : T extends object
      ? { [K in keyof T]: Plain<T[K]> }
      : T

/** A core/v1 Pod; the client's `V1Pod` is one. */
export type Pod = Plain<V1Pod>
export type PodSpec = NonNullable<Pod['spec']>
export type PodSecurityContext = NonNullable<PodSpec['securityContext']>
export type OwnerReference = NonNullable<NonNullable<Pod['metadata']>['ownerReferences']>[number]

export type Container = PodSpec['containers'][number]
export type SecurityContext = NonNullable<Container['securityContext']>
export type EnvVar = NonNullable<Container['env']>[number]
export type VolumeMount = NonNullable<Container['volumeMounts']>[number]
export type Probe = NonNullable<Container['startupProbe']>

export type Volume = NonNullable<PodSpec['volumes']>[number]
export type VolumeProjection = NonNullable<NonNullable<Volume['projected']>['sources']>[number]
