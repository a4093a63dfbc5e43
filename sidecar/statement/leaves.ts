/** What a statement leaves in its Snowflake session: by its kind, and where kinds tell too little, by its text. */

import { judgeParameter } from '../policy/session-parameters.ts'
import type { SessionGrant } from '../policy/decision.ts'
import { bringsNoAutocommit } from '../session/state.ts'
import type { StatementFacts } from '../sql/facts-types.ts'
import type { Statement } from '../sql/statements.ts'
import type { Leaves } from '../upstream/restorable.ts'
import type { StatementRequest } from './request.ts'

interface Understood {
  readonly request: Pick<StatementRequest, 'parameters'>
  readonly parsed: { readonly statement: Statement }
  readonly facts: Pick<StatementFacts, 'kind' | 'class' | 'parts'>
  readonly session: { readonly grant: Pick<SessionGrant, 'statementTimeoutSeconds' | 'parameters'> }
}

/** Kinds that leave what another login would not bring back, or that nobody has judged, are not here. */
const byKind: Readonly<Record<string, Leaves>> = {
  Begin: { kind: 'transaction', open: true },
  Commit: { kind: 'transaction', open: false },
  Rollback: { kind: 'transaction', open: false },
  Use: { kind: 'place' },
  ...Object.fromEntries(
    // Who makes a schema or a database stands in it, and who drops it stands in none.
    ['CreateSchema', 'DropSchema', 'CreateDatabase', 'DropDatabase'].map((kind) => [kind, { kind: 'place' }] as const),
  ),
  ...Object.fromEntries(
    [
      'Select', 'Explain', 'Insert', 'InsertAll', 'InsertFirst', 'Update', 'Delete', 'Merge',
      'Truncate', 'CopyIntoTable', 'CopyIntoLocation', 'Comment', 'Describe', 'Show',
    ].map((kind) => [kind, { kind: 'nothing' }] as const),
  ),
} // prettier-ignore

const temporaryWords = new Set(['TEMP', 'TEMPORARY', 'VOLATILE'])

const nothing: Leaves = { kind: 'nothing' }
const unrestorable: Leaves = { kind: 'unrestorable' }

export function leavesOf(understood: Understood): Leaves {
  const leaves = ofStatement(understood)
  const opens = leaves.kind === 'nothing' && bringsNoAutocommit(understood.request.parameters)
  return opens ? { kind: 'transaction', open: true } : leaves
}

function ofStatement({ parsed: { statement }, facts, session }: Understood): Leaves {
  // A script or a chain holds statements of its own.
  if (facts.parts.length > 0 && facts.kind !== 'Explain') return unrestorable
  if (statement.kind === 'AlterSession') return parametersOf(statement, session.grant)
  if (statement.kind === 'Create' && statement.modifiers.some((word) => temporaryWords.has(word)))
    return unrestorable
  const known = byKind[facts.kind]
  if (known !== undefined) return known
  return /^(?:Show|Describe|Create|Drop|Alter|Comment)[A-Z]/.test(facts.kind)
    ? nothing
    : unrestorable
}

function parametersOf(
  { action, parameters }: Extract<Statement, { kind: 'AlterSession' }>,
  grant: Understood['session']['grant'],
): Leaves {
  if (action === 'UNSET') {
    const unset = parameters.map(({ name }) => name.toUpperCase())
    return { kind: 'parameters', set: {}, unset }
  }
  const set = parameters.map(({ name, value }) =>
    judgeParameter(name, value?.kind === 'Literal' ? value.value : undefined, grant),
  )
  // Policy lets only such parameters through; another one could not be set at a login either.
  if (!set.every((verdict) => verdict.ok)) return unrestorable
  return {
    kind: 'parameters',
    set: Object.fromEntries(set.map(({ name, value }) => [name, value])),
    unset: [],
  }
}
