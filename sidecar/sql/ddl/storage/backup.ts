/** ALTER BACKUP SET: https://docs.snowflake.com/en/sql-reference/sql/alter-backup-set */

import { targetName } from '../../parser/names.ts'
import type { Parser } from '../../parser/parser.ts'
import type { ActionParts } from '../actions.ts'
import { label } from '../label.ts'

/** `'id' ADD LEGAL HOLD`, or REMOVE. */
export function backupChange(p: Parser): ActionParts {
  const names = [label(p)]
  if (!p.accept('ADD')) p.expect('REMOVE')
  p.expect('LEGAL', 'HOLD')
  return { names }
}

export function backupPolicy(p: Parser): ActionParts {
  const target = targetName(p, 'the name of a backup policy')
  p.accept('FORCE')
  return { target, targetClass: 'BACKUP POLICY' }
}
