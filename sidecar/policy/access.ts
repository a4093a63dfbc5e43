/** What a statement does to which object: the unit that policy covers. */

import { complete, isInformationSchema, qualify } from '../catalog/names.ts'
import type { NameContext, QualifiedName } from '../catalog/types.ts'
import type { ObjectName, TargetName } from '../sql/ast.ts'
import type { ObjectUse, StatementClass, StatementFacts } from '../sql/facts-types.ts'
import { mostParts } from '../sql/grant/classes.ts'
import { partsOf } from '../sql/names.ts'
import type { Statement } from '../sql/statements.ts'

export interface Access {
  readonly object: QualifiedName
  readonly privilege: 'SELECT' | 'DESCRIBE' | 'WRITE'
  /** The class that a rule must name to cover it: describing an object needs what querying it needs. */
  readonly class: StatementClass
}

/**
 * Every access of a governed statement. One that touches no object has none.
 * @throws FrostgateError ObjectUnqualified
 */
export function accessesOf(
  statement: Statement,
  facts: StatementFacts,
  context: NameContext,
): readonly Access[] {
  const named = (name: ObjectName): QualifiedName => qualify(partsOf(name), context)
  const described = describedBy(statement)
  return [
    ...facts.reads.map(({ name }): Access => ({
      object: named(name),
      privilege: 'SELECT',
      class: 'Query',
    })),
    ...facts.writes.map(({ name }): Access => ({
      object: named(name),
      privilege: 'WRITE',
      class: facts.class,
    })),
    ...(described === undefined
      ? []
      : [{ object: named(described), privilege: 'DESCRIBE', class: 'Query' } as const]),
  ]
}

/** The one object whose columns DESCRIBE or SHOW COLUMNS lists. */
function describedBy(statement: Statement): ObjectName | undefined {
  const name = nameDescribed(statement)
  // A name that only run time tells is refused for itself.
  return name?.kind === 'ObjectName' ? name : undefined
}

function nameDescribed(statement: Statement): TargetName | undefined {
  if (statement.kind === 'Describe') return statement.name
  if (statement.kind !== 'Show') return undefined
  const { in: within } = statement
  return within?.scope === 'TABLE' || within?.scope === 'VIEW' ? within.name : undefined
}

/**
 * An object of a statement that is not governed, as far as its name and the session tell. Of a
 * database or schema only the parts are known that all objects in it share.
 */
export type PartialName = NameContext & { readonly name: string | null }

/** Objects that lie in no database are none that a rule's patterns speak of. */
export function headObjects(facts: StatementFacts, context: NameContext): readonly PartialName[] {
  return facts.writes.flatMap((use) => partialName(use, context) ?? [])
}

export function partialName(
  { name, objectClass }: ObjectUse,
  context: NameContext,
): PartialName | undefined {
  const parts = partsOf(name)
  if (mostParts(objectClass) === 3) return complete(parts, context)
  const [first = '', second] = parts
  if (objectClass === 'DATABASE') return { database: first, schema: null, name: null }
  if (mostParts(objectClass) === 1) return undefined
  const database = second === undefined ? context.database : first
  return { database, schema: objectClass === 'SCHEMA' ? (second ?? first) : null, name: null }
}

/** The listings of a database about itself: of every principal, and filtered. */
export function isListing(access: Access): boolean {
  return access.privilege !== 'WRITE' && isInformationSchema(access.object)
}
