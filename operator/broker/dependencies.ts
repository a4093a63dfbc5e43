/** What the broker is given. All of it is the operator's; the wiring decides where it comes from. */

import type { V1Pod } from '@kubernetes/client-node'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'

import type { SnowflakeConnection } from '../../crds/types.ts'
import type { Bundle } from '../../sidecar/control/bundle.ts'
import type { PodIdentity } from '../../sidecar/control/protocol.ts'
import type { InjectionRefusal } from '../admission/injection.ts'
import type { Leaf, SigningKeys } from '../certs/certificate-authority.ts'
import type { ApprovalDesk, ApprovalStore } from '../approvals/types.ts'
import type { ConfigObjects } from '../store/objects.ts'
import type { BrokerLimits } from './limits.ts'
import type { Pins } from './pins.ts'
import type { RecordingVolume } from './recording-intake.ts'

/** As JSON brings it; nobody calls a constructor. */
export type Pod = Readonly<V1Pod>

/** A connection as it was compiled. */
export interface ServedConnection {
  readonly connection: SnowflakeConnection
  readonly state: { readonly bundle: Bundle } | { readonly closed: string }
}

/** The parts of authentication.k8s.io/v1 TokenReviewStatus that are looked at. */
export interface TokenReviewStatus {
  readonly authenticated?: boolean
  readonly audiences?: readonly string[]
  readonly error?: string
  readonly user?: {
    readonly username?: string
    readonly extra?: Readonly<Record<string, readonly string[]>>
  }
}

export interface TokenRequest {
  readonly namespace: string
  readonly serviceAccount: string
  readonly audience: string
  readonly expirationSeconds: number
}

/** Something of a pod that a person should find with it. */
export type BrokerAlert =
  /** For the first time; renewals are not told. `namespace/name`. */
  | {
      readonly reason: 'SidecarEnrolled'
      readonly pod: PodIdentity
      readonly connection: string
    }
  | {
      readonly reason: 'BundleRefused'
      readonly pod: PodIdentity
      readonly connection: SnowflakeConnection | undefined
      readonly bundle: string
      readonly message: string
    }
  | {
      readonly reason: 'SecondEnrolment' | 'EnrolmentRefused' | 'SidecarRevoked'
      readonly pod: PodIdentity
      readonly message: string
    }

export interface BrokerApprovals {
  readonly desk: Pick<ApprovalDesk, 'ask' | 'use' | 'withdraw'>
  readonly store: Pick<ApprovalStore, 'request' | 'readRequest'>
}

export interface BrokerDependencies {
  /** As sidecars reach the broker: `https://frostgate-broker.frostgate.svc:8443`. */
  readonly origin: string
  /** The operator's, where a connection is when a pod names no namespace. */
  readonly namespace: string
  /** The operator's own. No connection gets its tokens. */
  readonly serviceAccount: { readonly namespace: string; readonly name: string }
  /** UID of the namespace kube-system. */
  readonly clusterUid: string
  readonly tls: () => Leaf
  /** PEM. */
  readonly trust: () => string
  readonly signingKeys: () => SigningKeys
  /** Rejects if the API server cannot be asked. */
  readonly reviewToken: (token: string, audience: string) => Promise<TokenReviewStatus>
  /** From the API server itself, not from a cache; undefined only if it said there is none. */
  readonly readPod: (namespace: string, name: string) => Promise<Pod | undefined>
  readonly pins: Pins
  /** By `namespace/name`. */
  readonly connections: () => ReadonlyMap<string, ServedConnection>
  /**
   * Whether there is an object of that name (`namespace/name`) although `connections` has none: one
   * that cannot be read. What is not there was deleted. False where it is not given.
   */
  readonly isUnreadable?: (connection: string) => boolean
  /** Whether what is known of the cluster is as of now, give or take minutes; true where it is not given. */
  readonly vouches?: () => boolean
  /** By `spec.allowedNamespaces`. */
  readonly isAllowed: (connection: SnowflakeConnection, namespace: string) => boolean
  /** What differs from an injection by this operator, its seal included. */
  readonly verifyPod: (pod: Pod, connection: SnowflakeConnection) => readonly InjectionRefusal[]
  /** With the Secrets of the namespaces of connections. */
  readonly objects: () => ConfigObjects
  /** `expiresAt` in seconds since the epoch. Rejects if the API server refuses or cannot be asked. */
  readonly mintToken: (
    request: TokenRequest,
  ) => Promise<{ readonly token: string; readonly expiresAt: number }>
  /** Must not throw. */
  readonly alert: (alert: BrokerAlert) => void
  readonly log: Logger
  readonly metrics: Registry
  /** Without it none are taken in. */
  readonly recordings?: RecordingVolume
  /** Without it people are never asked. It starts after the broker, hence a function. */
  readonly approvals?: () => BrokerApprovals | undefined
  readonly limits?: Partial<BrokerLimits>
  /** Milliseconds since the epoch. */
  readonly now?: () => number
}

/** `namespace/name` */
export function keyOf({ namespace, name }: { namespace: string; name: string }): string {
  return `${namespace}/${name}`
}
