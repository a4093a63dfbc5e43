/**
 * GRANT and REVOKE of roles: https://docs.snowflake.com/en/sql-reference/sql/grant-role and the
 * pages of database roles, application roles and service roles.
 */

import type { Spanned } from '../ast.ts'
import { atRole, grantee, role, useGrantee } from '../grant/role.ts'
import type { Grantee } from '../grant/role.ts'
import type { Parser } from '../parser/parser.ts'
import { define } from './definition.ts'

export interface GrantRole extends Spanned {
  readonly kind: 'GrantRole'
  readonly verb: 'GRANT' | 'REVOKE'
  /** The role, which is no grantee here but is named like one. */
  readonly role: Grantee
  readonly grantee: Grantee
}

/** To whom a role of each class may be granted. */
const granteesOf: ReadonlyMap<string, readonly string[]> = new Map([
  ['ROLE', ['ROLE', 'USER']],
  ['DATABASE ROLE', ['ROLE', 'DATABASE ROLE', 'APPLICATION', 'APPLICATION ROLE', 'SHARE', 'USER']],
  ['APPLICATION ROLE', ['ROLE', 'APPLICATION ROLE', 'DATABASE ROLE', 'APPLICATION', 'USER']],
  ['SERVICE ROLE', ['ROLE', 'DATABASE ROLE', 'APPLICATION ROLE', 'USER']],
  ['CLASS ROLE', ['ROLE', 'DATABASE ROLE', 'APPLICATION ROLE', 'USER']],
])

function parse(p: Parser): GrantRole {
  const start = p.index
  const verb = p.accept('GRANT') ? 'GRANT' : 'REVOKE'
  if (verb === 'REVOKE') p.expect('REVOKE')
  const given = role(p)
  p.expect(verb === 'GRANT' ? 'TO' : 'FROM')
  const at = p.index
  const to = grantee(p, 'classed')
  const possible = granteesOf.get(given.objectClass) ?? []
  if (!possible.includes(to.objectClass) || to.package !== undefined) {
    p.index = at
    p.fail(possible.join(' or '))
  }
  return { kind: 'GrantRole', span: p.span(start), verb, role: given, grantee: to }
}

export const grantRole = define<GrantRole>({
  kind: 'GrantRole',
  starts: ['GRANT', 'REVOKE'],
  when: (p) => atRole(p, 1),
  parse,
  children: ['role', 'grantee'],
  classify: ({ verb }) => ({ kind: verb === 'GRANT' ? 'GrantRole' : 'RevokeRole', class: 'Grant' }),
  record({ verb, role: given, grantee: to }, facts) {
    facts.use(given.className, 'CLASS', 'USAGE')
    facts.write(given.name, given.objectClass, verb)
    useGrantee(to, facts, verb)
  },
})
