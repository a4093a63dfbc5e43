/** Clauses of dynamic tables: https://docs.snowflake.com/en/sql-reference/sql/create-dynamic-table */

import type { Attachment } from '../../ast.ts'
import { targetName } from '../../parser/names.ts'
import type { Parser } from '../../parser/parser.ts'
import { attachment } from '../attachments.ts'
import { clause } from './clauses.ts'

/** `REFRESH USING (INSERT INTO SELF …)`. */
export const refreshUsing = clause('REFRESH USING', (p, draft) => {
  p.expect('(')
  if (!p.at('INSERT') && !p.at('MERGE')) p.fail('INSERT or MERGE')
  p.enter()
  draft.statement = p.rules.statement(p)
  p.leave()
  p.expect(')')
})

export const executeAs = clause('EXECUTE AS USER', (p, draft) => {
  draft.attachments.push(...executeAsUser(p))
})

/** `u [USE SECONDARY ROLES ALL | NONE | r, s]` behind EXECUTE AS USER: as whom it refreshes. */
export function executeAsUser(p: Parser): readonly Attachment[] {
  const found = [named(p, 'USER')]
  if (!p.accept('USE', 'SECONDARY', 'ROLES')) return found
  if (p.accept('ALL') || p.accept('NONE')) return found
  return [...found, ...p.list(() => named(p, 'ROLE'))]
}

function named(p: Parser, objectClass: 'USER' | 'ROLE'): Attachment {
  const start = p.index
  const name = targetName(p, `the name of a ${objectClass.toLowerCase()}`)
  return attachment(p, start, objectClass, name)
}
