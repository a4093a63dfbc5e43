/** A decision as the form of a request sends it. */

import { readForm } from './form.ts'

/** As an ApprovalDecision can hold it. */
export const longestReason = 1024

export interface GivenDecision {
  readonly verdict: 'Approve' | 'Deny'
  readonly digest: string
  readonly token: string
  /** As it was written. */
  readonly text: string
  readonly reason: string | undefined
  /** What the person should write instead. */
  readonly problem: string | undefined
}

/** Undefined for anything that the page's own form would not send. */
export function readDecision(
  contentType: string | undefined,
  body: string,
): GivenDecision | undefined {
  if (contentType?.split(';', 1)[0]?.trim() !== 'application/x-www-form-urlencoded')
    return undefined
  const form = readForm(body, ['verdict', 'digest', 'token', 'reason'])
  if (form === undefined) return undefined
  const { verdict, digest, token } = form
  if (verdict !== 'Approve' && verdict !== 'Deny') return undefined
  // Forms send line ends as CR LF.
  const text = form.reason.replaceAll('\r\n', '\n').toWellFormed()
  const reason = text.trim() === '' ? undefined : text.trim()
  return { verdict, digest, token, text, reason, problem: problemOf(verdict, reason) }
}

function problemOf(verdict: 'Approve' | 'Deny', reason: string | undefined): string | undefined {
  if (verdict === 'Deny' && reason === undefined)
    return 'Say why you deny it: the agent is told, and can do better.'
  const length = Array.from(reason ?? '').length
  return length > longestReason
    ? `The reason has ${length} characters; ${longestReason} are the most.`
    : undefined
}
