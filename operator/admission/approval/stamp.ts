/**
 * Writes into a new ApprovalDecision who made it, as the API server knows it, and what else its author
 * has no say in. Pure: the same decision, author and request give the same operations.
 */

import type { ApprovalRequest } from '../../../crds/types.ts'
import { annotations } from '../injection.ts'
import type { PatchOperation } from '../inject/patch.ts'
import { isSame } from '../rendered.ts'
import { record } from '../webhook/review.ts'
import { decidedByOf, type Author } from './author.ts'

export interface StampContext {
  readonly author: Author
  /** User name of the operator at the API server. */
  readonly operatorUser: string
  /** That the decision names. */
  readonly request: ApprovalRequest
}

export type Stamped =
  { readonly operations: readonly PatchOperation[] } | { readonly refusal: string }

/** What the operator makes for people whom it has verified; nobody else does. */
export const operatorsWays: readonly unknown[] = ['Oidc', 'Slack']

/** The schema's default. */
export const ownWay = 'Kubernetes'

export function stamp(decision: unknown, context: StampContext): Stamped {
  const { metadata, spec } = record(decision)
  // The schema refuses it after this, in its own words.
  if (!isMap(spec) || !isMap(metadata)) return { operations: [] }
  const refusal = wayRefusal(spec['via'] ?? ownWay, context)
  if (refusal !== undefined) return { refusal }
  return {
    operations: [...identity(spec, context), ...belonging(metadata, context.request)],
  }
}

/** Of `spec.via`, from whom it may come. Undefined if it may. */
export function wayRefusal(
  via: unknown,
  { author, operatorUser }: Pick<StampContext, 'author' | 'operatorUser'>,
): string | undefined {
  if (via === 'Key')
    return 'spec.via is Key. Signed decisions are for gateways without a cluster: leave spec.via out. You are who you are to the API server.'
  if (author.username === '')
    return 'the API server does not say who makes this decision. Log in, and make it again.'
  const isOperator = author.username === operatorUser
  if (isOperator && !operatorsWays.includes(via))
    return 'the operator decides nothing itself: spec.via of what it makes for people is Oidc or Slack. This is a fault of the operator’s; look at its log.'
  if (!isOperator && via !== ownWay)
    return 'spec.via says how a decision was made: Oidc and Slack are Frostgate’s own, for people whom it has verified. Leave spec.via out.'
  return undefined
}

function identity(
  spec: Readonly<Record<string, unknown>>,
  { author, operatorUser, request }: StampContext,
): readonly PatchOperation[] {
  if (author.username === operatorUser) return []
  const decidedBy = decidedByOf(author, request)
  return [
    // Over all that was written, so that nothing of it is left.
    ...(isSame(spec['decidedBy'] ?? null, decidedBy) ? [] : [add('/spec/decidedBy', decidedBy)]),
    ...(spec['via'] === ownWay ? [] : [add('/spec/via', ownWay)]),
  ]
}

/**
 * The connection, for the policy that asks who may approve there; the request as owner, so that its
 * decisions end with it.
 */
function belonging(
  metadata: Readonly<Record<string, unknown>>,
  request: ApprovalRequest,
): readonly PatchOperation[] {
  const { name, uid } = request.metadata
  const connection = request.spec.connectionRef.name
  const given = metadata['annotations']
  const owners = Array.isArray(metadata['ownerReferences'])
    ? (metadata['ownerReferences'] as readonly unknown[])
    : []
  const owner = { apiVersion: request.apiVersion, kind: request.kind, name, uid }
  const isOwned = owners.some((each) => record(each)['uid'] === uid)
  return [
    ...(!isMap(given)
      ? [add('/metadata/annotations', { [annotations.connection]: connection })]
      : given[annotations.connection] === connection
        ? []
        : [add(`/metadata/annotations/${annotations.connection.replace('/', '~1')}`, connection)]),
    ...(uid === undefined || isOwned ? [] : [add('/metadata/ownerReferences', [...owners, owner])]),
  ]
}

function add(path: string, value: unknown): PatchOperation {
  return { op: 'add', path, value }
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
