/** Which statements change something, and what masking asks of each. Others do not run. */

import type { Statement } from '../../sql/statements.ts'
import { alter, comment, drop, truncate } from './change.ts'
import { copyIntoLocation, copyIntoTable } from './copy.ts'
import { create } from './create.ts'
import { deletion } from './delete.ts'
import { insert, multiInsert } from './insert.ts'
import { merge } from './merge.ts'
import { update } from './update.ts'
import { setVariables } from './variables.ts'
import type { Writing } from './writing.ts'

type Family<S> = (statement: S, writing: Writing) => void

const families: {
  readonly [K in Statement['kind']]?: Family<Extract<Statement, { readonly kind: K }>>
} = {
  Insert: insert,
  MultiInsert: multiInsert,
  Update: update,
  Delete: deletion,
  Merge: merge,
  Create: create,
  Alter: alter,
  Comment: comment,
  Drop: drop,
  Truncate: truncate,
  CopyIntoTable: copyIntoTable,
  CopyIntoLocation: copyIntoLocation,
  SetVariables: setVariables,
}

export function writes({ kind }: Statement): boolean {
  return families[kind] !== undefined
}

/** Errors: those of masking, and StatementUnsupported. */
export function judgeWrites(statement: Statement, writing: Writing): void {
  // The key is the statement's own kind, which the compiler cannot see.
  const family = families[statement.kind] as Family<Statement> | undefined
  if (family === undefined) writing.unsupported()
  family(statement, writing)
  writing.finish()
}
