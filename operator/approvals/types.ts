/**
 * Approvals on the side of people: requests that statements wait for, decisions that people make,
 * and the one place (the desk) that says what has become of a request. A cluster keeps the objects in
 * its API server, `frostgate up` in a folder; everything above `ApprovalStore` is the same for both.
 */

import type { ApprovalDecision, ApprovalRequest } from '../../crds/types.ts'
import type { ApprovalQuestion } from '../../sidecar/approvals/approvals.ts'
import type { ApprovalSpec } from '../../sidecar/control/bundle.ts'
import type { ApprovalStanding, ApprovalUse, PodIdentity } from '../../sidecar/control/protocol.ts'

export type RequestStatus = NonNullable<ApprovalRequest['status']>
export type DecisionStatus = NonNullable<ApprovalDecision['status']>
export type Phase = NonNullable<RequestStatus['phase']>
export type Via = 'Kubernetes' | 'Oidc' | 'Slack' | 'Key'

/** Why a decision does not count: the reason in its Ready condition. */
export type Uncounted =
  | 'OtherRequest'
  | 'OtherConnection'
  | 'TakenBack'
  | 'DigestDiffers'
  | 'NotStamped'
  | 'ViaNotTaken'
  | 'ViaInconsistent'
  | 'TimeUnknown'
  | 'MadeBeforeRequest'
  | 'TooLate'
  | 'RequestEnded'
  | 'ReasonMissing'
  | 'RuleGone'
  | 'ConnectionClosed'
  | 'OwnStatement'
  | 'ServiceAccountOfPod'
  | 'ServiceAccountNotListed'
  | 'NotApprover'
  | 'NotApproverAnyMore'
  | 'DecidedBefore'

/** Of an ApprovalRequest or ApprovalDecision. */
export interface Key {
  readonly namespace: string
  readonly name: string
}

/** Objects as they are kept. What is listed may be behind by a moment; what is read is as of now. */
export interface ApprovalStore {
  /** Resolves once everything was listed; rejects if it cannot be. */
  start(): Promise<void>
  readonly synced: boolean
  requests(): readonly ApprovalRequest[]
  request(key: Key): ApprovalRequest | undefined
  /** Those that name the request, in the order in which they were made. */
  decisions(request: Key): readonly ApprovalDecision[]
  /** Called with the request that changed, or whose decisions did. Gives what ends that. */
  onChange(listener: (request: Key) => void): () => void
  /** From where it is kept. Rejects if that cannot be asked. */
  readRequest(key: Key): Promise<ApprovalRequest | undefined>
  readDecisions(request: Key): Promise<readonly ApprovalDecision[]>
  createRequest(request: ApprovalRequest): Promise<'created' | 'exists'>
  createDecision(decision: ApprovalDecision): Promise<'created' | 'exists'>
  /** Compare and set, by `metadata.resourceVersion` of the object as it was read. */
  writeStatus(request: ApprovalRequest, status: RequestStatus): Promise<Written>
  writeDecisionStatus(decision: ApprovalDecision, status: DecisionStatus): Promise<Written>
  /** With its decisions. Only this very object, by uid. */
  deleteRequest(request: ApprovalRequest): Promise<void>
  stop(): Promise<void>
}

export type Written = 'written' | 'conflict' | 'gone'

/** What a gateway asks about one statement, and what the operator itself knows of it. */
export interface Asked {
  /** Of the connection; the request is made beside it. */
  readonly namespace: string
  readonly connection: string
  /** Undefined outside of a cluster. */
  readonly pod: PodIdentity | undefined
  /** Of the gateway's process. */
  readonly instance: string
  readonly question: ApprovalQuestion
  /** As the rule says in the bundle in force: never the asking gateway's word. */
  readonly approval: ApprovalSpec
}

/** A person, as whoever authenticated them tells it. */
export interface Person {
  /** As the API server would tell it, or `ISSUER#SUBJECT`. */
  readonly username: string
  readonly groups: readonly string[]
  readonly issuer?: string
  readonly subject?: string
  /** Other names of the same person that whoever vouches for it tells. */
  readonly aliases?: readonly string[]
  readonly slack?: { readonly team: string; readonly user: string }
}

export interface PersonsDecision {
  readonly request: Key
  /** `spec.statementDigest` of the request as the person saw it. */
  readonly digest: string
  readonly verdict: 'Approve' | 'Deny'
  /** Needed to deny. */
  readonly reason: string | undefined
  readonly via: Exclude<Via, 'Kubernetes' | 'Key'>
  readonly person: Person
}

/** `taken`: it was made and, as far as is known now, counts. Otherwise a sentence that says why not. */
export type DecisionTaken =
  { readonly taken: true } | { readonly taken: false; readonly why: string }

/** The one place that says what has become of a request. */
export interface ApprovalDesk {
  /** The request for the question, which may be open already. Rejects if it cannot be made or read. */
  ask(asked: Asked): Promise<ApprovalStanding>
  /**
   * Takes one use, after a look at everything as it is kept: the request, its decisions, and who may
   * decide by the rule in force. Two callers never get the same use. Rejects if that cannot be known.
   */
  use(request: Key, digest: string): Promise<ApprovalUse>
  /** Nobody waits for it any more. Resolves when that is kept. */
  withdraw(request: Key, digest: string): Promise<void>
  /** Withdraws what the pod's other processes wait for; with `instance` undefined, of all. */
  abandon(podUid: string, instance: string | undefined): Promise<void>
  standing(request: Key): ApprovalStanding | undefined
  /** Whose decision it is was verified by the caller; whether it counts is judged here. */
  decide(decision: PersonsDecision): Promise<DecisionTaken>
  /** Whether the person could decide about the request; a sentence that says why not. */
  mayDecide(request: ApprovalRequest, person: Person): true | string
  /** After each change of a phase, and of what is known of a request. Gives what ends that. */
  onStanding(listener: (request: ApprovalRequest, standing: ApprovalStanding) => void): () => void
  stop(): Promise<void>
}
