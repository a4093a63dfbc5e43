/** How policy's refusals speak of statements, objects and rules. */

import { displayObject, displayPattern } from '../catalog/names.ts'
import type { ObjectPattern } from '../control/bundle.ts'
import type { StatementFacts } from '../sql/facts-types.ts'
import { partsOf, printName } from '../sql/names.ts'
import type { HeadStatement, Statement } from '../sql/statements.ts'
import type { Access } from './access.ts'
import type { RuleOf } from './authority.ts'

/** `SELECT on A.B.C`, `DROP TABLE A.B.C`, `SHOW TABLES`. */
export function describeStatement(
  statement: Statement,
  facts: StatementFacts,
  accesses: readonly Access[],
): string {
  switch (statement.kind) {
    case 'HeadStatement':
      return describeHead(statement)
    case 'Use':
      return `USE ${statement.object} ${printName(partsOf(statement.name))}`
    case 'AlterSession':
      return `ALTER SESSION ${statement.action}`
    case 'Transaction':
      return statement.action
    case 'Show':
      return `SHOW ${statement.objects}`
    case 'Describe':
    case 'QueryStatement':
      return accesses.length === 0 ? `This ${facts.kind} statement` : describeAccesses(accesses)
  }
}

function describeHead({ verb, objectClass, name }: HeadStatement): string {
  const object = name === undefined ? undefined : printName(partsOf(name))
  return [verb, objectClass, object].filter((word) => word !== undefined).join(' ')
}

export function headKind({ verb, objectClass }: HeadStatement): string {
  return objectClass === undefined ? verb : `${verb} ${objectClass}`
}

export function describeAccesses(accesses: readonly Access[]): string {
  return list(accesses.map((access) => `${access.privilege} on ${displayObject(access.object)}`))
}

export function describePatterns(patterns: readonly ObjectPattern[]): string {
  return list(patterns.map(displayPattern))
}

/** What the Allow rules give, so that an agent need not guess. */
export function describeAllowed(allowing: readonly RuleOf[]): string {
  const parts = allowing.map(({ rule }) => {
    const statements = rule.statements.length === 0 ? 'any statement' : rule.statements.join('/')
    if (rule.objects.length > 0) return `${statements} on ${describePatterns(rule.objects)}`
    return rule.functions.length > 0
      ? `calls of ${list(rule.functions)}`
      : `${statements} on any object`
  })
  return parts.length === 0
    ? 'These policies allow no access to any object; ask the policy owner for a rule.'
    : `Allowed here: ${list(parts, '; ')}. For anything else ask the policy owner.`
}

/** At most five items, each once: messages are read on one screen. */
export function list(items: readonly string[], separator = ', '): string {
  const unique = [...new Set(items)]
  const shown = unique.slice(0, 5)
  const rest = unique.length - shown.length
  return rest === 0 ? shown.join(separator) : `${shown.join(separator)} and ${rest} more`
}
