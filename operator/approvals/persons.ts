/** Who is who: by which names a person or workload goes, and who may decide about whom. */

import type { ApprovalDecision, ApprovalRequest } from '../../crds/types.ts'
import type { ApprovalSpec } from '../../sidecar/control/bundle.ts'

export type DecidedBy = NonNullable<ApprovalDecision['spec']['decidedBy']>

const serviceAccountPrefix = 'system:serviceaccount:'

export function isServiceAccount(username: string): boolean {
  return username.startsWith(serviceAccountPrefix)
}

/** `system:serviceaccount:ci:runner` of the pod whose statement waits. */
function serviceAccountOf({ spec: { pod } }: ApprovalRequest): string | undefined {
  return pod?.serviceAccountName === undefined
    ? undefined
    : `${serviceAccountPrefix}${pod.namespace}:${pod.serviceAccountName}`
}

/** Mail addresses and user names differ by case alone for nobody but computers. */
function folded(name: string): string {
  return name.normalize('NFKC').toLowerCase()
}

/** What follows the issuer, or the prefix that an API server puts before a user's name. */
function tailOf(username: string): string {
  const [afterHash, afterColon] = [after('#', username), after(':', username)]
  // Entra's guests are name_domain#EXT#@tenant: what follows there is no name.
  const last = afterHash.length < afterColon.length ? afterHash : afterColon
  return last.startsWith('@') ? afterColon : last
}

function namesOf(username: string): readonly string[] {
  return [username, after('#', username), after(':', username)].map(folded)
}

function after(mark: string, username: string): string {
  return username.slice(username.lastIndexOf(mark) + 1)
}

/** Whether who vouches for the person tells a name that the user name ends with. */
export function isVouchedFor({ username, issuer, subject, aliases = [] }: DecidedBy): boolean {
  if (issuer === undefined || subject === undefined) return false
  return [subject, ...aliases].some((name) => username.endsWith(name))
}

/** Whoever asks must not be who answers, under none of their names. */
export function isSelf(request: ApprovalRequest, by: DecidedBy): boolean {
  const { issuer, subject, aliases = [] } = request.spec.principal
  const own = new Set([subject, `${issuer}#${subject}`, ...aliases].map(folded))
  const names = [by.username, ...toldOf(by)].flatMap(namesOf)
  return names.some((name) => name !== '' && own.has(name))
}

export function isPodsOwn(request: ApprovalRequest, by: DecidedBy): boolean {
  return by.username === serviceAccountOf(request)
}

/**
 * Whether two decisions are of one person. Who comes once through the API server and once through
 * the page has user names that end alike, or one that ends as the provider of the other calls them;
 * taking two people for one costs an approval more, taking one for two would let one person be
 * enough.
 */
export function isSamePerson(a: DecidedBy, b: DecidedBy): boolean {
  if (a.username === b.username) return true
  if (isServiceAccount(a.username) || isServiceAccount(b.username)) return false
  return (
    folded(tailOf(a.username)) === folded(tailOf(b.username)) || isCalled(a, b) || isCalled(b, a)
  )
}

/** Whether a name that is told of one is the other's, or what follows a prefix there. */
function isCalled(one: DecidedBy, other: DecidedBy): boolean {
  const told = toldOf(one).map(folded)
  const names = [other.username, ...toldOf(other)].map(folded)
  return told.some((name) => name !== '' && names.some((each) => endsIn(each, name)))
}

/** What whoever vouches for the person tells. */
function toldOf({ subject, aliases = [] }: DecidedBy): readonly string[] {
  return subject === undefined ? aliases : [subject, ...aliases]
}

function endsIn(whole: string, name: string): boolean {
  return (
    whole === name || (whole.endsWith(name) && ':#/|\\'.includes(whole.at(-name.length - 1) ?? ''))
  )
}

interface Approvers {
  readonly groups: readonly string[]
  readonly users: readonly string[]
}

export function approversOf({ spec: { approvers } }: ApprovalRequest): Approvers {
  return { groups: approvers.groups ?? [], users: approvers.users ?? [] }
}

export function approversIn(rule: ApprovalSpec): Approvers {
  return { groups: rule.approvers, users: rule.users ?? [] }
}

/** Groups that only an API server hands out mean nothing in anybody else's token. */
export function isApprover(approvers: Approvers, by: DecidedBy, isKubernetes: boolean): boolean {
  if (approvers.users.includes(by.username)) return true
  // What a service account may is said of it by name, never of a group that it happens to be in.
  if (isServiceAccount(by.username)) return false
  return (by.groups ?? []).some(
    (group) => approvers.groups.includes(group) && (isKubernetes || !group.startsWith('system:')),
  )
}
