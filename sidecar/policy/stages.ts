/** Stages that a statement may name: those that COPY INTO loads from or unloads to. */

import { qualify } from '../catalog/names.ts'
import type { NameContext } from '../catalog/types.ts'
import type { Stage } from '../sql/ast.ts'
import type { StageUse, StatementFacts } from '../sql/facts-types.ts'
import { namedStage } from '../sql/stage/name.ts'
import type { Statement } from '../sql/statements.ts'
import type { Access } from './access.ts'
import type { AccessPart } from './access-parts.ts'
import { transformed } from './governed/copy.ts'

/** Where a COPY INTO has its files, if that is a stage. */
export function copiedStage(statement: Statement): Stage | undefined {
  if (statement.kind === 'CopyIntoLocation') {
    return statement.location.kind === 'Stage' ? statement.location : undefined
  }
  if (statement.kind !== 'CopyIntoTable') return undefined
  const { source } = statement
  if (source?.kind === 'Query') return transformed(source)?.stage
  return source?.kind === 'Stage' ? source : undefined
}

/** The first stage that a statement names besides: files are not read as a table. */
export function strayStage(statement: Statement, { stages }: StatementFacts): StageUse | undefined {
  const own = copiedStage(statement)?.span.start
  return stages.find(({ span }) => span.start !== own)
}

const load: AccessPart = { privilege: 'READ', class: 'Load', words: 'READ on stage' }
const unload: AccessPart = { privilege: 'WRITE', class: 'Unload', words: 'WRITE on stage' }

/** @throws FrostgateError ObjectUnqualified */
export function stageAccess(statement: Statement, context: NameContext): readonly Access[] {
  const stage = copiedStage(statement)
  const name = stage === undefined ? undefined : namedStage(stage.text)
  if (name === undefined) return []
  const part = statement.kind === 'CopyIntoLocation' ? unload : load
  return [{ ...part, object: qualify(name.parts, context), others: [], isStage: true }]
}
