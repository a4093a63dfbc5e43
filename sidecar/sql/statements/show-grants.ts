/** SHOW GRANTS: https://docs.snowflake.com/en/sql-reference/sql/show-grants */

import type { Spanned } from '../ast.ts'
import { grantee, useGrantee } from '../grant/role.ts'
import type { Grantee } from '../grant/role.ts'
import { nameOf, securable } from '../grant/securable.ts'
import type { Securable } from '../grant/securable.ts'
import type { Parser } from '../parser/parser.ts'
import { limitClause } from '../show/clauses.ts'
import type { ShowLimit } from '../show/clauses.ts'
import { define } from './definition.ts'

export interface ShowGrants extends Spanned {
  readonly kind: 'ShowGrants'
  readonly of: 'GRANTS' | 'FUTURE GRANTS' | 'CALLER GRANTS'
  /** Undefined for those of the current user. */
  readonly by: 'ON' | 'IN' | 'TO' | 'OF' | undefined
  /** ON and IN; undefined for ON ACCOUNT. */
  readonly object: Securable | undefined
  /** TO and OF. */
  readonly grantee: Grantee | undefined
  readonly limit: ShowLimit | undefined
}

type Subject = Pick<ShowGrants, 'by' | 'object' | 'grantee'>

const nobody = { by: undefined, object: undefined, grantee: undefined } as const

function parse(p: Parser): ShowGrants {
  const start = p.index
  p.expect('SHOW')
  const of = p.accept('FUTURE') ? 'FUTURE GRANTS' : p.accept('CALLER') ? 'CALLER GRANTS' : 'GRANTS'
  p.expect('GRANTS')
  const subject = subjects[of](p)
  const limit = limitClause(p)
  if (limit?.from !== undefined) p.fail('LIMIT without FROM')
  return { kind: 'ShowGrants', span: p.span(start), of, ...subject, limit }
}

const subjects: Readonly<Record<ShowGrants['of'], (p: Parser) => Subject>> = {
  GRANTS: (p) => onObject(p) ?? toWhom(p, 'TO') ?? toWhom(p, 'OF') ?? nobody,
  'CALLER GRANTS': (p) => onObject(p) ?? toWhom(p, 'TO') ?? p.fail('ON or TO'),
  'FUTURE GRANTS': (p) => inContainer(p) ?? toWhom(p, 'TO') ?? p.fail('IN or TO'),
}

function onObject(p: Parser): Subject | undefined {
  if (!p.accept('ON')) return undefined
  if (p.accept('ACCOUNT')) return { ...nobody, by: 'ON' }
  return { ...nobody, by: 'ON', object: securable(p) }
}

function inContainer(p: Parser): Subject | undefined {
  if (!p.accept('IN')) return undefined
  const objectClass = (['SCHEMA', 'DATABASE'] as const).find((word) => p.accept(word))
  if (objectClass === undefined) return p.fail('SCHEMA or DATABASE')
  const object = { objectClass, name: nameOf(p, objectClass), types: undefined }
  return { ...nobody, by: 'IN', object }
}

function toWhom(p: Parser, by: 'TO' | 'OF'): Subject | undefined {
  return p.accept(by) ? { ...nobody, by, grantee: grantee(p, 'classed') } : undefined
}

export const showGrants = define<ShowGrants>({
  kind: 'ShowGrants',
  starts: ['SHOW GRANTS', 'SHOW FUTURE GRANTS', 'SHOW CALLER GRANTS'],
  parse,
  children: ['object', 'grantee'],
  classify: { kind: 'ShowGrants', class: 'Meta' },
  record({ object, grantee: to }, facts) {
    facts.use(object?.name, object?.objectClass ?? '', 'SHOW GRANTS')
    if (to !== undefined) useGrantee(to, facts, 'SHOW GRANTS')
  },
})
