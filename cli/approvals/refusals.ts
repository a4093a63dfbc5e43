/** What an API server refused, as a sentence that says who must do what about it. */

import type { ApprovalRequest } from '../../crds/types.ts'
import { refusalOf } from '../doctor/finding.ts'
import { CliError } from '../output.ts'
import { oneLine } from './layout.ts'

export interface Doing {
  readonly doing: 'list' | 'read' | 'decide'
  /** Which is decided. */
  readonly request: ApprovalRequest | undefined
  /** Undefined: all. */
  readonly namespace: string | undefined
}

/** An error for whoever typed the command. Exit code 1 where the decision was refused, else 2. */
export function sentenceOf(error: unknown, doing: Doing): CliError {
  if (error instanceof CliError) return error
  const refusal = refusalOf(error)
  const said = oneLine(error instanceof Error ? error.message : String(error))
  const words = refusal === undefined ? undefined : byStatus[refusal.status]?.(said, doing)
  if (words === undefined) return new CliError(`The cluster cannot be asked: ${said}`)
  return new CliError(words, doing.doing === 'decide' ? 1 : 2)
}

type Words = (said: string, doing: Doing) => string

const byStatus: Readonly<Record<number, Words>> = {
  401: (said) =>
    `The cluster does not know you (${said}). Log in to it as for kubectl, or choose another --context.`,
  403: (said, doing) =>
    doing.doing === 'decide' ? refusedDecision(said, doing) : unreadable(doing),
  404: (_said, { doing, namespace }) =>
    doing === 'decide'
      ? `The cluster takes no decisions in namespace ${where(namespace)}: the namespace or Frostgate’s kinds are not there. Install the chart; frostgate doctor says what is missing.`
      : 'This cluster does not know Frostgate’s kinds. Install the chart; frostgate doctor says what is missing.',
  409: (said) => `The decision was not made: ${said}. Run the command again.`,
  422: (said) => `The decision was not made, since it is not valid: ${said}`,
}

function unreadable({ namespace }: Doing): string {
  return `You may not read requests in ${whereIn(namespace)}. Whoever gives rights in the cluster must grant you the verbs get and list on approvalrequests.frostgate.dev there.`
}

/** By a webhook or an admission policy, or for want of a right. */
function refusedDecision(said: string, { request, namespace }: Doing): string {
  const connection = oneLine(request?.spec.connectionRef.name ?? '')
  const denial =
    /ValidatingAdmissionPolicy '[^']*' with binding '[^']*' denied request: (.*)$/.exec(
      said,
    )?.[1] ?? /admission webhook "[^"]*" denied the request: (.*)$/.exec(said)?.[1]
  if (denial !== undefined) {
    return `The decision was refused: ${ended(denial)} To decide, a person needs the verb approve on snowflakeconnections.frostgate.dev "${connection}" in ${whereIn(namespace)} (whoever gives rights in the cluster grants it) and must be among the approvers of the request (the owner of the policy names them).`
  }
  const user = /User "([^"]*)" cannot/.exec(said)?.[1]
  const you = user === undefined ? 'You may' : `You are ${user} there, who may`
  return `The decision was refused. ${you} not make decisions in ${whereIn(namespace)}. Whoever gives rights in the cluster must grant the verb create on approvaldecisions.frostgate.dev there, and the verb approve on snowflakeconnections.frostgate.dev "${connection}".`
}

function ended(sentence: string): string {
  return /[.!?]$/.test(sentence) ? sentence : `${sentence}.`
}

function where(namespace: string | undefined): string {
  return namespace ?? '(none)'
}

function whereIn(namespace: string | undefined): string {
  return namespace === undefined ? 'all namespaces' : `namespace ${namespace}`
}
