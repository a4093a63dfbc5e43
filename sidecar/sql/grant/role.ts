/** Roles as GRANT, REVOKE and SHOW GRANTS name them, and whom something is granted to. */

import type { Identifier, ObjectName, TargetName } from '../ast.ts'
import type { FactCollector } from '../facts/collector.ts'
import type { Parser } from '../parser/parser.ts'
import { phraseFinder, takePhrase } from '../parser/phrases.ts'
import { nameOf } from './securable.ts'

export interface Grantee {
  /** ROLE, DATABASE ROLE, USER, SHARE …; ROLE where the text does not say. */
  readonly objectClass: string
  /** Of a service role and of a class's role: the service, the instance. */
  readonly name: TargetName | undefined
  /** Behind `!`: a role of a service or of an instance. */
  readonly role: Identifier | undefined
  /** The class of `SNOWFLAKE.ML.FORECAST ROLE i!USER`. */
  readonly className: ObjectName | undefined
  /** Of SHARE IN APPLICATION PACKAGE. */
  readonly package: TargetName | undefined
}

const none = { role: undefined, className: undefined, package: undefined } as const

const roleAt = phraseFinder(['ROLE', 'DATABASE ROLE', 'APPLICATION ROLE', 'SERVICE ROLE'])
const granteeAt = phraseFinder([
  ...['ROLE', 'DATABASE ROLE', 'APPLICATION ROLE', 'SERVICE ROLE'],
  ...['USER', 'APPLICATION', 'SHARE'],
])

/** Does a role stand `distance` tokens ahead, its class in front? */
export function atRole(p: Parser, distance = 0): boolean {
  return roleAt(p, distance) !== undefined || p.at('.', distance + 1)
}

/** `ROLE r`, `SERVICE ROLE s!r`, `SNOWFLAKE.ML.FORECAST ROLE i!USER`. */
export function role(p: Parser): Grantee {
  const objectClass = roleAt(p)
  return objectClass === undefined ? classRole(p) : classed(p, objectClass)
}

/** Whom something is granted to; `bare` where a role may be named without its class. */
export function grantee(p: Parser, bare: 'bare' | 'classed'): Grantee {
  const objectClass = granteeAt(p)
  if (objectClass !== undefined) return classed(p, objectClass)
  if (bare === 'bare') return { ...none, objectClass: 'ROLE', name: nameOf(p, 'ROLE') }
  return p.at('.', 1) ? classRole(p) : p.fail('ROLE, USER, SHARE or another class')
}

function classed(p: Parser, objectClass: string): Grantee {
  takePhrase(p, objectClass)
  if (objectClass === 'SERVICE ROLE') {
    const name = nameOf(p, 'SERVICE')
    return { ...none, objectClass, name, role: instanceRole(p) }
  }
  // The share of a package has no name of its own.
  const unnamed = objectClass === 'SHARE' && p.ahead('IN', 'APPLICATION', 'PACKAGE')
  const name = unnamed ? undefined : nameOf(p, objectClass)
  const inPackage = objectClass === 'SHARE' && p.accept('IN', 'APPLICATION', 'PACKAGE')
  return {
    ...none,
    objectClass,
    name,
    package: inPackage ? nameOf(p, 'APPLICATION PACKAGE') : undefined,
  }
}

function classRole(p: Parser): Grantee {
  const className = p.objectName('a role or the class of a role')
  p.expect('ROLE')
  const name = nameOf(p, 'INSTANCE')
  return { ...none, objectClass: 'CLASS ROLE', className, name, role: instanceRole(p) }
}

function instanceRole(p: Parser): Identifier {
  p.expect('!')
  return p.identifier('the name of a role behind "!"')
}

/** Names it in the facts as something `privilege` is done with. */
export function useGrantee(given: Grantee, facts: FactCollector, privilege: string): void {
  facts.use(given.className, 'CLASS', 'USAGE')
  facts.use(given.name, given.objectClass, privilege)
  facts.use(given.package, 'APPLICATION PACKAGE', privilege)
}
