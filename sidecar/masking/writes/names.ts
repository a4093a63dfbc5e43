/** Names of what is changed, in full: nothing between check and run can make them mean another. */

import { FrostgateError } from '../../errors.ts'
import type { NameContext } from '../../catalog/types.ts'
import { qualify } from '../../catalog/names.ts'
import type { TargetName } from '../../sql/ast.ts'
import { mostParts } from '../../sql/grant/classes.ts'
import { walk } from '../../sql/index.ts'
import type { Replacement } from '../../sql/index.ts'
import { knownParts, printName, quoteName } from '../../sql/names.ts'
import type { WriteSetting } from './writing.ts'

/** One replacement for each name that the statement writes, and for those that keys refer to. */
export function targetNames({
  parsed,
  facts,
  resolution,
  context,
}: WriteSetting): readonly Replacement[] {
  const { statement } = parsed
  const found = new Map<number, Replacement>()
  for (const { name, objectClass } of facts.writes) {
    const target = resolution.targets.find(({ use }) => use.name === name)?.name
    const parts =
      target === undefined
        ? fullName(name, objectClass, context)
        : [target.database, target.schema, target.name]
    const column = statement.kind === 'Comment' ? statement.column : undefined
    const span = { start: name.span.start, end: column?.span.end ?? name.span.end }
    const all = column === undefined ? parts : [...parts, column.value]
    found.set(span.start, { span, text: quoteName(all) })
  }
  walk(statement, {
    Constraint: ({ references }) => {
      if (references === undefined) return undefined
      const { table } = references
      const parts = fullName(table, 'TABLE', context)
      found.set(table.span.start, { span: table.span, text: quoteName(parts) })
      return undefined
    },
  })
  return [...found.values()]
}

function fullName(name: TargetName, objectClass: string, context: NameContext): readonly string[] {
  if (objectClass === 'SCHEMA') return schemaName(name, context)
  if (mostParts(objectClass) < 3) return knownParts(name)
  const { database, schema, name: own } = qualify(knownParts(name), context)
  return [database, schema, own]
}

/** @throws FrostgateError ObjectUnqualified */
export function schemaName(name: TargetName, { database }: NameContext): readonly [string, string] {
  const parts = knownParts(name)
  const [first = '', second, ...more] = parts
  if (second !== undefined && more.length === 0) return [first, second]
  if (parts.length === 1 && database !== null) return [database, first]
  const object = printName(parts)
  throw FrostgateError.of('ObjectUnqualified', { object, missing: 'database' })
}
