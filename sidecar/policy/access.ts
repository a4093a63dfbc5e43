/** What a statement does to which object: the unit that policy covers. */

import { candidates, complete, informationSchema, qualify } from '../catalog/names.ts'
import type { NameContext, QualifiedName, Resolution } from '../catalog/types.ts'
import { FrostgateError } from '../errors.ts'
import type { ObjectName, TargetName } from '../sql/ast.ts'
import { changesRows } from '../sql/facts-types.ts'
import type { ObjectUse, StatementClass, StatementFacts } from '../sql/facts-types.ts'
import { mostParts } from '../sql/grant/classes.ts'
import { partsOf, printName } from '../sql/names.ts'
import type { Statement } from '../sql/statements.ts'
import { partsOfWrites, type AccessPart } from './access-parts.ts'
import { stageAccess } from './stages.ts'

export interface Access extends AccessPart {
  readonly object: AccessedObject
  /**
   * What else the name may mean, along the search path, while the catalogue has not told; empty
   * once it has.
   */
  readonly others: readonly QualifiedName[]
  /** Stages have names as relations have, but are others: `stages` of a rule speaks of them. */
  readonly isStage?: true
}

/** A schema is an object too: its name stands in `schema`, and `name` is null. */
export interface AccessedObject {
  readonly database: string
  readonly schema: string
  readonly name: string | null
}

export interface AccessInput {
  readonly statement: Statement
  readonly facts: StatementFacts
  readonly session: { readonly context: NameContext }
  /** Undefined where the catalogue was not asked. */
  readonly resolution: Resolution | undefined
}

/**
 * Every access of a governed statement. One that touches no object has none.
 * @throws FrostgateError ObjectUnqualified
 */
export function accessesOf(input: AccessInput): readonly Access[] {
  const { statement, facts, session, resolution } = input
  const found: Access[] = facts.reads.map((use, index) => {
    const known = resolution?.objects[index]
    const named =
      known?.use === use ? { object: known.name, others: [] } : meant(use.name, session.context)
    return { ...reading, ...named }
  })
  if (facts.writes.length > 0) found.push(...writesOf(input))
  found.push(...stageAccess(statement, session.context))
  const described = describedBy(statement)
  if (described !== undefined) {
    const object = qualify(partsOf(described), session.context)
    found.push({ ...describing, object, others: [] })
  }
  return found
}

const reading: AccessPart = { privilege: 'SELECT', class: 'Query', words: 'SELECT on' }
/** Describing an object needs what querying it needs. */
const describing: AccessPart = { privilege: 'DESCRIBE', class: 'Query', words: 'DESCRIBE on' }

function meant(name: ObjectName, context: NameContext): Pick<Access, 'object' | 'others'> {
  const [object, ...others] = candidates(partsOf(name), context)
  return { object, others }
}

function writesOf({ statement, facts, session, resolution }: AccessInput): readonly Access[] {
  return partsOfWrites(statement, facts, resolution).flatMap(({ use, parts }) => {
    const named = targetOf(use, session.context, resolution)
    return parts.map((part) => ({ ...part, ...named }))
  })
}

function targetOf(
  use: ObjectUse,
  context: NameContext,
  resolution: Resolution | undefined,
): Pick<Access, 'object' | 'others'> {
  if (use.objectClass === 'SCHEMA') return { object: schemaName(use.name, context), others: [] }
  const known = resolution?.targets.find((target) => target.use === use)
  if (known !== undefined) return { object: known.name, others: [] }
  // Only what changes rows is looked up along the search path; DDL means the current schema.
  return changesRows(use)
    ? meant(use.name, context)
    : { object: qualify(partsOf(use.name), context), others: [] }
}

function schemaName(name: ObjectName, context: NameContext): AccessedObject {
  const parts = partsOf(name)
  const [first = '', second, ...more] = parts
  const database = second === undefined ? context.database : first
  if (database === null || more.length > 0) {
    const missing = database === null ? 'database' : 'name of one or two parts'
    throw FrostgateError.of('ObjectUnqualified', { object: printName(parts), missing })
  }
  return { database, schema: second ?? first, name: null }
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
export function isListing({ privilege, object, isStage }: Access): boolean {
  return (
    !isStage && privilege !== 'WRITE' && object.schema === informationSchema && object.name !== null
  )
}

/** A class of statements that a rule may name, and that only its own target is touched by. */
export const writingClasses: ReadonlySet<StatementClass> = new Set([
  ...(['DML', 'DDL', 'Drop', 'Truncate'] as const),
])
