/** What the webhooks need to know, and whom they tell. */

import type { ConnectionFacts, InjectionRefusal, OperatorFacts } from '../injection.ts'
import type { ConnectionReference } from './namespace-mode.ts'

export type ConnectionLookup =
  | { readonly facts: ConnectionFacts }
  | {
      readonly refusal: InjectionRefusal
      /** Whether it may be there soon: objects are not read yet. */
      readonly transient: boolean
    }

export interface ObjectVerdict {
  /** Sentences, each with its field and what to write instead. */
  readonly errors: readonly string[]
  readonly warnings: readonly string[]
}

export interface AdmissionEvent {
  /** Controller of the pod. */
  readonly object: {
    readonly apiVersion: string
    readonly kind: string
    readonly namespace: string
    readonly name: string
    readonly uid: string
  }
  readonly reason: 'PodInjected' | 'PodRefused'
  readonly note: string
}

export interface AdmissionDependencies {
  /** Undefined until there is a CA and the cluster is known. */
  operator(): OperatorFacts | undefined
  /** Undefined as long as the namespace has not been seen. */
  namespaceLabels(namespace: string): Readonly<Record<string, string>> | undefined
  /** Whether it exists, serves the pod's namespace and is open; and what pods get of it. */
  connectionFor(reference: ConnectionReference, podNamespace: string): ConnectionLookup
  /** Schema and compile of an object of the API, together with all others. */
  validate(object: unknown): ObjectVerdict
  /** Not called in dry runs. Must not throw. */
  record(event: AdmissionEvent): void
  /** Logs a fault, and names it. */
  incident(error: unknown): string
}
