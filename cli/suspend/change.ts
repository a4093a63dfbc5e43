/** What `spec.suspend` of a connection becomes. Pure. */

import { CliError } from '../output.ts'

export interface Stopped {
  readonly provider: string
  readonly subject: string
}

/** As it stands in the object. */
export interface SuspendField {
  readonly all?: boolean
  readonly principals?: readonly Stopped[]
  readonly reason?: string
}

/** As the schema bounds them. */
const longestReason = 1_024
const mostPrincipals = 256

/** `okta:agent-7`; what is after the first colon is the subject, colons and all. Errors: CliError. */
export function principalOf(text: string): Stopped {
  const colon = text.indexOf(':')
  const [provider, subject] = [text.slice(0, colon), text.slice(colon + 1)]
  if (colon > 0 && subject !== '') return { provider, subject }
  throw new CliError(
    `--principal "${text}" is not PROVIDER:SUBJECT, such as okta:agent-7 or cluster:system:serviceaccount:ci:runner.`,
  )
}

export const wordsOf = ({ provider, subject }: Stopped): string => `${provider}:${subject}`

/** Adds to what is suspended already; without principals, everybody. Errors: CliError. */
export function suspended(
  now: SuspendField | undefined,
  principals: readonly Stopped[],
  reason: string,
): SuspendField {
  const all = principals.length === 0 || now?.all === true
  const named = unique([...(now?.principals ?? []), ...principals])
  if (named.length > mostPrincipals) {
    throw new CliError(
      `A connection can suspend ${mostPrincipals} principals; suspend all of it (without --principal).`,
    )
  }
  const both =
    now?.reason === undefined || now.reason === reason ? reason : `${now.reason}; ${reason}`
  return {
    all,
    ...(named.length === 0 ? {} : { principals: named }),
    // One text for all who are suspended: of two that are too long together, the newer.
    reason: both.length > longestReason ? reason : both,
  }
}

/** Takes these away; without principals, all of it. Null: nobody is suspended any more. */
export function resumed(
  now: SuspendField | undefined,
  principals: readonly Stopped[],
): SuspendField | null {
  if (now === undefined || principals.length === 0) return null
  const lifted = new Set(principals.map(wordsOf))
  const left = (now.principals ?? []).filter((each) => !lifted.has(wordsOf(each)))
  if (left.length === 0 && now.all !== true) return null
  return {
    all: now.all === true,
    ...(left.length === 0 ? {} : { principals: left }),
    ...(now.reason === undefined ? {} : { reason: now.reason }),
  }
}

/** A merge patch: a field that is not there any more is null, or it would stay. */
export function patchOf(field: SuspendField | null): unknown {
  if (field === null) return null
  return {
    all: field.all ?? false,
    principals: field.principals ?? null,
    reason: field.reason ?? null,
  }
}

export function describe(field: SuspendField | null | undefined): string {
  if (field === null || field === undefined) return 'nobody is suspended'
  const named = (field.principals ?? []).map(wordsOf)
  if (field.all !== true) return `suspended: ${named.join(', ')}`
  return named.length === 0
    ? 'suspended for everybody'
    : `suspended for everybody, and for ${named.join(', ')} by name`
}

function unique(principals: readonly Stopped[]): readonly Stopped[] {
  return [...new Map(principals.map((each) => [wordsOf(each), each])).values()]
}
