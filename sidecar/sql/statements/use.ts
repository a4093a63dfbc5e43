/** USE: https://docs.snowflake.com/en/sql-reference/sql/use */

import type { Identifier, ObjectName, Spanned, TargetName } from '../ast.ts'
import { targetName } from '../parser/names.ts'
import type { Parser } from '../parser/parser.ts'
import { atEnd } from '../parser/phrases.ts'
import { define } from './definition.ts'

export interface Use extends Spanned {
  readonly kind: 'Use'
  readonly object: 'DATABASE' | 'SCHEMA' | 'WAREHOUSE' | 'ROLE' | 'SECONDARY ROLES'
  /** For SECONDARY ROLES: one identifier, ALL or NONE. Bare `USE x` is DATABASE, `USE x.y` SCHEMA. */
  readonly name: TargetName
}

const useObjects = ['DATABASE', 'SCHEMA', 'WAREHOUSE', 'ROLE'] as const

function parse(p: Parser): Use {
  const start = p.index
  p.expect('USE')
  if (p.accept('SECONDARY', 'ROLES')) {
    const name = allOrNone(p)
    return { kind: 'Use', span: p.span(start), object: 'SECONDARY ROLES', name }
  }
  // `USE x` where x is called like an object class has nothing behind it.
  const given = atEnd(p, 1) ? undefined : useObjects.find((word) => p.accept(word))
  const name = targetName(p, 'a database, schema, warehouse or role')
  const parts = name.kind === 'ObjectName' ? name.parts.length : 1
  const object = given ?? (parts > 1 ? 'SCHEMA' : 'DATABASE')
  if (parts > (object === 'SCHEMA' ? 2 : 1)) p.fail('a shorter name')
  return { kind: 'Use', span: p.span(start), object, name }
}

function allOrNone(p: Parser): ObjectName {
  if (!p.at('ALL') && !p.at('NONE')) p.fail('ALL, NONE or names of roles')
  const start = p.index
  const word: Identifier = p.anyIdentifier('ALL or NONE')
  return { kind: 'ObjectName', span: p.span(start), parts: [word] }
}

export const use = define<Use>({
  kind: 'Use',
  starts: ['USE'],
  parse,
  children: ['name'],
  classify: { kind: 'Use', class: 'Session' },
  record({ object, name }, facts) {
    if (object !== 'SECONDARY ROLES') facts.use(name, object, 'USAGE')
  },
})
