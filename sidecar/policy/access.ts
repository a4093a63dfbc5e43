/** What a statement does to which object: the unit that policy covers. */

import { complete, isInformationSchema, qualify } from '../catalog/names.ts'
import type { NameContext, QualifiedName } from '../catalog/types.ts'
import type { ObjectName } from '../sql/ast.ts'
import type { StatementClass, StatementFacts } from '../sql/facts-types.ts'
import { partsOf } from '../sql/names.ts'
import type { Statement } from '../sql/statements.ts'

export interface Access {
  readonly object: QualifiedName
  readonly privilege: 'SELECT' | 'DESCRIBE' | 'WRITE'
  /** The class that a rule must name to cover it: describing an object needs what querying it needs. */
  readonly class: StatementClass
}

/**
 * Every access of a statement that was parsed to the end. A statement that touches no object has
 * none; nor has a head, whose objects are known in part only.
 * @throws FrostgateError ObjectUnqualified
 */
export function accessesOf(
  statement: Statement,
  facts: StatementFacts,
  context: NameContext,
): readonly Access[] {
  if (!facts.structured) return []
  const named = (name: ObjectName): QualifiedName => qualify(partsOf(name), context)
  const described = describedBy(statement)
  return [
    ...facts.reads.map(({ name }): Access => ({
      object: named(name),
      privilege: 'SELECT',
      class: 'Query',
    })),
    ...facts.writes.map((name): Access => ({
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
  if (statement.kind === 'Describe') return statement.name
  if (statement.kind !== 'Show') return undefined
  const { in: within } = statement
  return within?.scope === 'TABLE' || within?.scope === 'VIEW' ? within.name : undefined
}

/** An object of a head, as far as its name and the session tell. */
export type PartialName = NameContext & { readonly name: string }

export function headObjects(facts: StatementFacts, context: NameContext): readonly PartialName[] {
  return facts.structured ? [] : facts.writes.map((name) => complete(partsOf(name), context))
}

/** The listings of a database about itself: of every principal, and filtered. */
export function isListing(access: Access): boolean {
  return access.privilege !== 'WRITE' && isInformationSchema(access.object)
}
