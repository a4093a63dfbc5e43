/**
 * Every kind of statement. A new one is a row here and a file beside this one; then
 * `npm run generate` lists it in docs/sql-support.md.
 */

import { alter } from './alter.ts'
import { alterSession } from './alter-session.ts'
import { block } from './block.ts'
import { call } from './call.ts'
import { callWithProcedure } from './call-with-procedure.ts'
import { comment } from './comment.ts'
import { controlFlow } from './control-flow.ts'
import { copyFiles } from './copy-files.ts'
import { copyIntoLocation } from './copy-into-location.ts'
import { copyIntoTable } from './copy-into-table.ts'
import { create } from './create.ts'
import type { StatementKind } from './definition.ts'
import { deletion } from './delete.ts'
import { describe } from './describe.ts'
import { describeResult } from './describe-result.ts'
import { drop } from './drop.ts'
import { exceptionSection } from './exception-section.ts'
import { execute } from './execute.ts'
import { executeImmediate } from './execute-immediate.ts'
import { explain } from './explain.ts'
import { flow } from './flow.ts'
import { functionBodyKind } from './function-body.ts'
import { get } from './get.ts'
import { grantPrivileges } from './grant-privileges.ts'
import { grantRole } from './grant-role.ts'
import { insert } from './insert.ts'
import { list } from './list.ts'
import { merge } from './merge.ts'
import { multiInsert } from './multi-insert.ts'
import { put } from './put.ts'
import { remove } from './remove.ts'
import { select } from './select.ts'
import { setVariables, unsetVariables } from './set.ts'
import { show } from './show.ts'
import { showGrants } from './show-grants.ts'
import { transaction } from './transaction.ts'
import { truncate } from './truncate.ts'
import { update } from './update.ts'
import { use } from './use.ts'
import { useSecondaryRoles } from './use-secondary-roles.ts'

/** Of two that begin with the same words the first is asked first. */
export const statementKinds = [
  callWithProcedure,
  select,
  use,
  useSecondaryRoles,
  setVariables,
  unsetVariables,
  alterSession,
  transaction,
  show,
  showGrants,
  describe,
  describeResult,
  explain,
  comment,
  grantRole,
  grantPrivileges,
  create,
  alter,
  drop,
  block,
  controlFlow,
  exceptionSection,
  call,
  executeImmediate,
  execute,
  insert,
  multiInsert,
  update,
  deletion,
  merge,
  truncate,
  copyIntoTable,
  copyIntoLocation,
  copyFiles,
  put,
  get,
  list,
  remove,
  flow,
  functionBodyKind,
] as const satisfies readonly StatementKind[]

type NodeOf<K> = K extends StatementKind<infer S> ? S : never

export type Statement = NodeOf<(typeof statementKinds)[number]>

const byKind: ReadonlyMap<string, StatementKind> = new Map(
  statementKinds.map((kind) => [kind.kind, kind]),
)

/** Undefined for a node that is no statement. */
export function statementKind(kind: string): StatementKind | undefined {
  return byKind.get(kind)
}
