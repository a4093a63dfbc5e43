import type { Session } from '../login/sessions.ts'
import { call, literal, nullTree, type TreeNode } from './tree.ts'

export const SERVER_VERSION = '9.38.1'

const orNull = (value: string | null): TreeNode => (value === null ? nullTree : literal(value))

/** Context functions as literals; they may be written with or without parentheses. */
export function sessionFunctions(context: {
  readonly account: string
  readonly session: Session
}): ReadonlyMap<string, TreeNode> {
  const { session } = context
  return new Map<string, TreeNode>([
    ['CURRENT_TIMESTAMP', call('SF_NOW')],
    ['LOCALTIMESTAMP', call('SF_NOW')],
    ['GETDATE', call('SF_NOW')],
    ['CURRENT_DATE', call('TODAY')],
    ['CURRENT_ACCOUNT', literal(context.account.toUpperCase())],
    ['CURRENT_DATABASE', orNull(session.database)],
    ['CURRENT_REGION', literal('LOCAL')],
    ['CURRENT_ROLE', literal(session.role)],
    ['CURRENT_SCHEMA', orNull(session.schema)],
    ['CURRENT_SECONDARY_ROLES', literal('{"roles":"","value":""}')],
    ['CURRENT_SESSION', literal(String(session.id))],
    ['CURRENT_USER', literal(session.user.name.toUpperCase())],
    ['CURRENT_VERSION', literal(SERVER_VERSION)],
    ['CURRENT_WAREHOUSE', orNull(session.warehouse)],
  ])
}
