/** Who made a decision: as the API server authenticated them, and as the decision says. */

import type { ApprovalRequest } from '../../../crds/types.ts'
import { record, type AdmissionRequest } from '../webhook/review.ts'

export interface Author {
  readonly username: string
  readonly uid: string | undefined
  readonly groups: readonly string[]
}

export type DecidedBy = Readonly<Record<string, unknown>>

/** As the schema of decisions has them. */
const longest = { uid: 256, group: 256, groups: 256 } as const

/** User name of the operator itself, at the API server. */
export function operatorUser(namespace: string, release: string): string {
  return `system:serviceaccount:${namespace}:${release}-operator`
}

/** Whom the API server authenticated, or who is impersonated: then everything counts as theirs. */
export function authorOf({ userInfo }: AdmissionRequest): Author {
  const { username, uid, groups } = record(userInfo)
  return {
    username: text(username) ?? '',
    uid: text(uid),
    groups: texts(groups),
  }
}

/**
 * What is written into a decision. People have more groups than a decision holds: those that the
 * request asks for come first, so that leaving some out takes nobody's right.
 */
export function decidedByOf(author: Author, request: ApprovalRequest): DecidedBy {
  const { uid, username } = author
  const asked = new Set(request.spec.approvers.groups ?? [])
  const fitting = [...new Set(author.groups)].filter((group) => group.length <= longest.group)
  const groups = [
    ...fitting.filter((group) => asked.has(group)),
    ...fitting.filter((group) => !asked.has(group)),
  ].slice(0, longest.groups)
  return {
    username,
    ...(uid === undefined || uid === '' || uid.length > longest.uid ? {} : { uid }),
    ...(groups.length === 0 ? {} : { groups }),
  }
}

/** Whether it is what the API server knows of the author, or a part of it, and nothing beside. */
export function isAuthors(decidedBy: unknown, author: Author): boolean {
  const { username, uid, groups = [], ...more } = record(decidedBy)
  return (
    username === author.username &&
    (uid === undefined || uid === author.uid) &&
    Array.isArray(groups) &&
    groups.every((group) => author.groups.includes(group as string)) &&
    Object.keys(more).length === 0
  )
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : []
}
