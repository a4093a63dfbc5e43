/** USE SECONDARY ROLES with a list: https://docs.snowflake.com/en/sql-reference/sql/use-secondary-roles */

import type { Spanned, TargetName } from '../ast.ts'
import { nameOf } from '../grant/securable.ts'
import type { Parser } from '../parser/parser.ts'
import { define } from './definition.ts'

/** ALL and NONE are forms of `Use`. */
export interface UseSecondaryRoles extends Spanned {
  readonly kind: 'UseSecondaryRoles'
  readonly roles: readonly TargetName[]
}

function parse(p: Parser): UseSecondaryRoles {
  const start = p.index
  p.expect('USE', 'SECONDARY', 'ROLES')
  const roles = p.list(() => nameOf(p, 'ROLE'))
  return { kind: 'UseSecondaryRoles', span: p.span(start), roles }
}

export const useSecondaryRoles = define<UseSecondaryRoles>({
  kind: 'UseSecondaryRoles',
  starts: ['USE SECONDARY ROLES'],
  when: (p) => !p.at('ALL', 3) && !p.at('NONE', 3),
  parse,
  children: ['roles'],
  classify: { kind: 'UseSecondaryRoles', class: 'Session' },
  record({ roles }, facts) {
    for (const role of roles) facts.use(role, 'ROLE', 'USAGE')
  },
})
