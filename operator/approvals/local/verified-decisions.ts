/**
 * The decisions among a folder's files: a file is one if a person whom the configuration lists
 * signed it for a request that is there. Who that person is, and when it was made, is not the file's
 * word.
 */

import type { ApprovalDecision, ApprovalRequest, ObjectMeta } from '../../../crds/types.ts'
import { canonicalSha256 } from '../../../sidecar/canonical-json.ts'
import type { Problem } from '../../store/problem.ts'
import { readApprovers, type Approver, type ApproversRead } from './approvers.ts'
import type { Kept } from './folder-reader.ts'
import { fileProblem, namespaceIn } from './object-text.ts'
import { verifyDecision } from './signature.ts'
import type { Sightings } from './sightings.ts'

export interface JudgeOptions {
  readonly configuration: string
  readonly namespace: string
  readonly sightings: Sightings
  /** Whether the status in the text is what the gateway wrote there. */
  readonly isOwn: (decision: Kept<ApprovalDecision>) => boolean
}

export interface Judged {
  /** By name of the request, in the order in which they were made. */
  readonly decisions: ReadonlyMap<string, readonly ApprovalDecision[]>
  readonly problems: readonly Problem[]
}

const none: ApproversRead = { approvers: new Map<string, Approver>(), problems: [] }

/** `requests`, by name, are those that there are. */
export async function judgeDecisions(
  files: readonly Kept<ApprovalDecision>[],
  requests: ReadonlyMap<string, ApprovalRequest>,
  options: JudgeOptions,
): Promise<Judged> {
  const people = files.length === 0 ? none : await readApprovers(options.configuration)
  const problems = [...people.problems]
  const found: ApprovalDecision[] = []
  for (const kept of files) {
    const whose = await whoseIs(kept.object, requests, options.namespace, people)
    if ('approver' in whose) found.push(asDecided(kept, whose.approver, options))
    else problems.push(fileProblem(kept.file, whose.why, 'It counts for nothing; remove it.'))
  }
  const inOrder = found.toSorted(byTime)
  return { decisions: Map.groupBy(inOrder, ({ spec }) => spec.requestRef.name), problems }
}

async function whoseIs(
  decision: ApprovalDecision,
  requests: ReadonlyMap<string, ApprovalRequest>,
  namespace: string,
  { approvers }: ApproversRead,
): Promise<{ readonly approver: Approver } | { readonly why: string }> {
  if (namespaceIn(decision) !== namespace) return { why: 'is of another namespace' }
  const request = requests.get(decision.spec.requestRef.name)
  if (request === undefined) return { why: 'answers a request that is not here' }
  return await verifyDecision(decision.spec, request.metadata.uid, approvers)
}

function asDecided(
  kept: Kept<ApprovalDecision>,
  { username, groups }: Approver,
  { namespace, sightings, isOwn }: JudgeOptions,
): ApprovalDecision {
  const { status, ...said } = kept.object
  const { uid, time } = sightings.of(kept.name, canonicalSha256(said.spec))
  const metadata: ObjectMeta = {
    name: kept.name,
    namespace,
    uid,
    generation: 1,
    resourceVersion: versionOf(kept.text),
    creationTimestamp: time,
  }
  return {
    ...said,
    metadata,
    spec: { ...said.spec, decidedBy: { username, groups } },
    ...(status !== undefined && isOwn(kept) ? { status } : {}),
  }
}

export function versionOf(text: string): string {
  return canonicalSha256(text).slice(0, 16)
}

function byTime(a: ApprovalDecision, b: ApprovalDecision): number {
  const [one, other] = [a.metadata, b.metadata]
  const [first, second] = [one.creationTimestamp ?? '', other.creationTimestamp ?? '']
  if (first !== second) return first < second ? -1 : 1
  return one.name < other.name ? -1 : 1
}
