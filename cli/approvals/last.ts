/** What differs from the last request of its kind that people approved. */

import { isDeepStrictEqual } from 'node:util'

import { diff } from '../inject/diff.ts'
import { broken, margin, oneLine, section, timeOf } from './layout.ts'
import type { Shown } from './request.ts'
import { phaseOf, type ApprovalRequest } from './source.ts'
import { layOut } from './statement.ts'

/** Of the same principal, by a rule that asks for both; the one that was approved last. */
export function lastOfItsKind(
  request: ApprovalRequest,
  others: readonly ApprovalRequest[],
): ApprovalRequest | undefined {
  const rules = new Set(request.spec.rules.map(keyOf))
  return others
    .filter((other) => {
      const phase = phaseOf(other)
      return (
        (phase === 'Used' || phase === 'Approved') &&
        other.metadata.name !== request.metadata.name &&
        other.metadata.namespace === request.metadata.namespace &&
        other.spec.principal.issuer === request.spec.principal.issuer &&
        other.spec.principal.subject === request.spec.principal.subject &&
        other.spec.rules.some((rule) => rules.has(keyOf(rule)))
      )
    })
    .toSorted((a, b) => approvedAt(b) - approvedAt(a))[0]
}

function keyOf({ policy, rule }: { readonly policy: string; readonly rule: string }): string {
  return `${policy}/${rule}`
}

function approvedAt({ status }: ApprovalRequest): number {
  const time = timeOf(status?.approvedAt)
  return Number.isNaN(time) ? 0 : time
}

/** Lines of both texts together that are compared; more would take too long. */
const mostCompared = 4_000

export function* sinceLast(request: ApprovalRequest, shown: Shown): Generator<string> {
  const last = lastOfItsKind(request, shown.others)
  if (last === undefined) return
  const { status, metadata } = last
  const by = (status?.decisions ?? [])
    .filter(({ verdict }) => verdict === 'Approve')
    .map(({ username }) => username)
  const who = by.length === 0 ? '' : ` by ${by.join(', ')}`
  const lead = `from ${metadata.name}, the last of its kind, approved${who} at ${status?.approvedAt ?? 'a time not told'}:`
  const changed = changesOf(last, request)
  const lines = changed.length === 0 ? ['nothing that is shown here'] : changed
  yield* section('differs', [oneLine(lead), ...lines.map(oneLine)], shown)
  yield* textDiff(last, request, shown)
}

function changesOf(last: ApprovalRequest, request: ApprovalRequest): readonly string[] {
  const { spec: before } = last
  const { spec: now } = request
  const unmasked = (before.maskedColumns ?? []).filter(
    (column) => !(now.maskedColumns ?? []).includes(column),
  )
  return [
    ...(before.statement === now.statement ? [] : ['the statement, as below']),
    ...(isDeepStrictEqual(before.binds ?? [], now.binds ?? []) ? [] : ['what is bound']),
    ...(isDeepStrictEqual(before.variables ?? [], now.variables ?? [])
      ? []
      : ['session variables']),
    ...(before.role === now.role ? [] : [`its role, which was ${before.role}`]),
    ...(unmasked.length === 0 ? [] : [`masked then, and not among the masked now: ${unmasked.join(', ')}`]), // prettier-ignore
    ...(before.rulesDigest === now.rulesDigest ? [] : ['rules or masks that bear on it']),
  ]
}

function* textDiff(last: ApprovalRequest, request: ApprovalRequest, shown: Shown) {
  const [before, after] = [last, request].map(({ spec }) =>
    layOut(spec.statement).lines.flatMap((line) => broken(line, shown.width - margin - 2)),
  )
  if (before === undefined || after === undefined) return
  if (before.length + after.length > mostCompared) {
    yield* section('', ['The statements are too long to be compared here.'], shown)
    return
  }
  for (const line of diff(before.join('\n'), after.join('\n'), shown.marks)) {
    yield `${' '.repeat(margin)}${line}`
  }
}
