/** What an injection needs beside the pod: all of it is the operator's, none the pod author's. */

import type { Pod } from './pod.ts'

export const annotations = {
  /** Asks for the sidecar: name of a SnowflakeConnection. */
  connection: 'frostgate.dev/connection',
  /** Namespace of the connection; default the operator's own. */
  namespace: 'frostgate.dev/namespace',
  /** Written by the webhook, for people and for enrolment: `v1.<version>.<digest>.<seal>`. */
  injected: 'frostgate.dev/injected',
  cpuRequest: 'frostgate.dev/cpu-request',
  cpuLimit: 'frostgate.dev/cpu-limit',
  memoryRequest: 'frostgate.dev/memory-request',
  memoryLimit: 'frostgate.dev/memory-limit',
  logLevel: 'frostgate.dev/log-level',
  /** Comma-separated containers that get no driver environment and no token. */
  excludeContainers: 'frostgate.dev/exclude-containers',
  /** Written by the webhook: what drivers read, as files of `SNOWFLAKE_HOME`. */
  connectionsToml: 'frostgate.dev/connections.toml',
  configToml: 'frostgate.dev/config.toml',
} as const

/** Of all annotations and labels that are the gateway's. */
export const annotationPrefix = 'frostgate.dev/'

/** On a pod, by the webhook: lets selectors find injected pods. Nothing trusts it. */
export const injectedLabel = 'frostgate.dev/injected'

/** On a namespace: `enabled` (annotated pods), `required` (every pod), `disabled`. */
export const injectionLabel = 'frostgate.dev/injection'
/** On a namespace: connection of pods that name none. `name` or `namespace.name` (labels take no slash). */
export const defaultConnectionLabel = 'frostgate.dev/connection'

export const proxyContainer = 'frostgate-proxy'
export const proxyUser = 65_532

export const ports = { gateway: 8085, health: 9085 } as const

export interface InjectionContext {
  readonly operator: OperatorFacts
  readonly connection: ConnectionFacts
  /** The namespace the pod is created in: pods of templates carry none themselves. */
  readonly podNamespace: string
}

export interface OperatorFacts {
  readonly version: string
  readonly namespace: string
  /** Image of the sidecar, by tag or digest. */
  readonly image: string
  readonly imagePullPolicy: 'Always' | 'IfNotPresent' | 'Never'
  /** `https://frostgate-broker.frostgate.svc:8443` */
  readonly brokerUrl: string
  /** CA certificates to trust the broker by, PEM. */
  readonly trust: string
  /** UID of the kube-system namespace. */
  readonly clusterUid: string
  readonly resources: SidecarResources
  /** HMAC over a text: what the operator has rendered can be told from what somebody copied. */
  readonly seal: (text: string) => string
}

/** Quantities as Kubernetes writes them. */
export interface SidecarResources {
  readonly requests: { readonly cpu: string; readonly memory: string }
  readonly limits: { readonly cpu: string | undefined; readonly memory: string }
}

export interface ConnectionFacts {
  readonly namespace: string
  readonly name: string
  /** What drivers are told as their account: a label, not Snowflake's. */
  readonly account: string
  /** From `spec.sidecar` of the connection. */
  readonly resources: SidecarResources | undefined
  /** Largest values that pod annotations may ask for. */
  readonly maxResources: SidecarResources | undefined
  /** A container that sets one of our variables to another value: refuse the pod, or warn. */
  readonly conflictingEnv: 'Deny' | 'Warn'
}

export type InjectionResult =
  | { readonly pod: Pod; readonly warnings: readonly string[] }
  | {
      /** The first of `refusals`. */
      readonly refusal: InjectionRefusal
      /** Everything that stands against it, so that an author mends it in one go. */
      readonly refusals: readonly InjectionRefusal[]
    }

export interface InjectionRefusal {
  /** Name in the admission catalogue, such as `HostNetwork`. */
  readonly reason: string
  /** `spec.containers[1].securityContext.privileged` */
  readonly field: string
  readonly message: string
  readonly advice: string
}
