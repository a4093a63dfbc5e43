import { duckPath, type NewRelation, type Relation } from '../engine/catalogue.ts'
import { run } from '../engine/duck.ts'
import { objectMissing } from '../engine/errors.ts'
import { completeName, nameKey, relationParts } from '../sql/names.ts'
import type { TreeNode } from '../sql/tree.ts'
import { relationNamed, type StatementContext } from './context.ts'

/** What a statement of DDL acts on. */
export interface Target {
  readonly database: string
  readonly schema: string
  readonly name: string
  readonly existing: Relation | undefined
}

/** @throws SnowflakeError where the schema is not there. */
export function targetOf(context: StatementContext, named: TreeNode): Target {
  return targetNamed(context, relationParts(named))
}

export function targetNamed(context: StatementContext, parts: readonly string[]): Target {
  const full = completeName(parts, context.session)
  const [database, schema, name] = full
  if (context.catalogue.schema(database, schema) === undefined) {
    throw objectMissing('Schema', `${database}.${schema}`)
  }
  return { database, schema, name, existing: relationNamed(context, full) }
}

/** @throws SnowflakeError 002003 */
export function existing(context: StatementContext, named: TreeNode): Relation {
  return existingNamed(context, relationParts(named))
}

export function existingNamed(context: StatementContext, parts: readonly string[]): Relation {
  const full = completeName(parts, context.session)
  const relation = relationNamed(context, full)
  if (relation === undefined) throw objectMissing('Object', full.join('.'))
  return relation
}

/** Enters what DuckDB has by now: among the session's own objects, or for everyone. */
export function keep(context: StatementContext, relation: NewRelation): void {
  const { catalogue, session } = context
  if (relation.temporary !== true) {
    catalogue.put(relation)
    return
  }
  session.temporaries.set(keyOf(relation), catalogue.stamped(relation))
}

export async function dropRelation(context: StatementContext, relation: Relation): Promise<void> {
  await run(context.session.connection, `DROP ${relation.kind} ${duckPath(relation)}`)
  forget(context, relation)
}

export function forget({ catalogue, session }: StatementContext, relation: Relation): void {
  if (relation.temporary !== true) {
    catalogue.drop(relation)
    return
  }
  session.temporaries.delete(keyOf(relation))
  catalogue.changed()
}

function keyOf({ database, schema, name }: NewRelation): string {
  return nameKey([database, schema, name])
}
