/**
 * GRANT and REVOKE of privileges: https://docs.snowflake.com/en/sql-reference/sql/grant-privilege,
 * grant-ownership, grant-caller and grant-privilege-share.
 */

import type { Spanned } from '../ast.ts'
import { grantTarget } from '../grant/target.ts'
import type { GrantTarget } from '../grant/target.ts'
import { privilege } from '../grant/privileges.ts'
import type { Privilege } from '../grant/privileges.ts'
import { grantee, useGrantee } from '../grant/role.ts'
import type { Grantee } from '../grant/role.ts'
import type { Parser } from '../parser/parser.ts'
import { define, pascal } from './definition.ts'

export interface GrantPrivileges extends Spanned {
  readonly kind: 'GrantPrivileges'
  readonly verb: 'GRANT' | 'REVOKE'
  /** Caller grants restrict what executables may do with their caller's rights. */
  readonly caller: 'CALLER' | 'INHERITED CALLER' | undefined
  /** `ALL` is alone. */
  readonly privileges: readonly Privilege[]
  readonly on: GrantTarget
  readonly grantee: Grantee
  /** WITH GRANT OPTION, or GRANT OPTION FOR, which is all that is revoked then. */
  readonly grantOption: boolean
  /** What becomes of other grants when ownership moves. */
  readonly currentGrants: 'COPY' | 'REVOKE' | undefined
  readonly behaviour: 'CASCADE' | 'RESTRICT' | undefined
}

function parse(p: Parser): GrantPrivileges {
  const start = p.index
  const verb = p.accept('GRANT') ? 'GRANT' : 'REVOKE'
  if (verb === 'REVOKE') p.expect('REVOKE')
  const optionFor = verb === 'REVOKE' && p.accept('GRANT', 'OPTION', 'FOR')
  const { caller, privileges } = granted(p)
  p.expect('ON')
  const on = grantTarget(p, caller)
  p.expect(verb === 'GRANT' ? 'TO' : 'FROM')
  const to = grantee(p, 'bare')
  const ending = verb === 'GRANT' ? granting(p, privileges) : revoking(p)
  return {
    kind: 'GrantPrivileges',
    span: p.span(start),
    verb,
    caller,
    privileges,
    on,
    grantee: to,
    ...ending,
    grantOption: ending.grantOption || optionFor,
  }
}

function granted(p: Parser): Pick<GrantPrivileges, 'caller' | 'privileges'> {
  const all = [{ privilege: 'ALL', className: undefined }]
  if (p.accept('ALL', 'CALLER', 'PRIVILEGES')) return { caller: 'CALLER', privileges: all }
  if (p.accept('ALL', 'INHERITED', 'CALLER', 'PRIVILEGES')) {
    return { caller: 'INHERITED CALLER', privileges: all }
  }
  if (p.accept('ALL')) {
    p.accept('PRIVILEGES')
    return { caller: undefined, privileges: all }
  }
  const inherited = p.accept('INHERITED', 'CALLER')
  const caller = inherited ? 'INHERITED CALLER' : p.accept('CALLER') ? 'CALLER' : undefined
  const privileges = p.list(() => privilege(p, caller !== undefined))
  if (privileges.length > 1 && isOwnership(privileges)) p.fail('OWNERSHIP alone')
  return { caller, privileges }
}

function isOwnership(privileges: readonly Privilege[]): boolean {
  return privileges.some((given) => given.privilege === 'OWNERSHIP')
}

type Ending = Pick<GrantPrivileges, 'grantOption' | 'currentGrants' | 'behaviour'>

function granting(p: Parser, privileges: readonly Privilege[]): Ending {
  const nothing = { grantOption: false, currentGrants: undefined, behaviour: undefined }
  if (isOwnership(privileges)) {
    const currentGrants = (['COPY', 'REVOKE'] as const).find((word) => p.accept(word))
    if (currentGrants !== undefined) p.expect('CURRENT', 'GRANTS')
    return { ...nothing, currentGrants }
  }
  return { ...nothing, grantOption: p.accept('WITH', 'GRANT', 'OPTION') }
}

function revoking(p: Parser): Ending {
  const behaviour = (['CASCADE', 'RESTRICT'] as const).find((word) => p.accept(word))
  return { grantOption: false, currentGrants: undefined, behaviour }
}

export const grantPrivileges = define<GrantPrivileges>({
  kind: 'GrantPrivileges',
  starts: ['GRANT', 'REVOKE'],
  parse,
  children: ['privileges', 'on', 'grantee'],
  classify: ({ verb, privileges }) => ({
    kind: pascal(`${verb} ${isOwnership(privileges) ? 'OWNERSHIP' : 'PRIVILEGES'}`),
    class: 'Grant',
  }),
  record({ verb, privileges, on, grantee: to }, facts) {
    for (const { privilege: given, className } of privileges) {
      facts.granted.push(given)
      facts.use(className, 'CLASS', 'USAGE')
    }
    facts.write(on.name, on.within ?? on.objectClass, verb)
    useGrantee(to, facts, verb)
  },
})
