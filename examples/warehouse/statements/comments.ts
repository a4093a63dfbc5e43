import { invalidIdentifier, objectMissing } from '../engine/errors.ts'
import { Cursor } from '../sql/tokens.ts'
import type { StatementContext } from './context.ts'
import type { Outcome } from './outcome.ts'
import { done } from './synthetic.ts'
import { existingNamed, keep } from './targets.ts'

/** COMMENT [IF EXISTS] ON TABLE | VIEW | COLUMN | SCHEMA name IS '…'. */
export function runComment(context: StatementContext): Outcome {
  const cursor = new Cursor(context.sql, context.tokens)
  cursor.take('COMMENT')
  cursor.take('IF', 'EXISTS')
  if (!cursor.take('ON')) throw cursor.unexpected()
  const kind = cursor.next().text
  const parts = cursor.qualifiedName()
  if (!cursor.take('IS')) throw cursor.unexpected()
  const comment = cursor.string()
  cursor.end()
  if (kind === 'SCHEMA') {
    const [schema = '', database = context.session.database ?? ''] = [...parts].reverse()
    if (context.catalogue.schema(database, schema) === undefined) {
      throw objectMissing('Schema', `${database}.${schema}`)
    }
    return done('Statement executed successfully.')
  }
  const relation = existingNamed(context, kind === 'COLUMN' ? parts.slice(0, -1) : parts)
  const column = parts.at(-1) ?? ''
  if (kind === 'COLUMN' && !relation.columns.some(({ name }) => name === column)) {
    throw invalidIdentifier(column)
  }
  keep(context, kind === 'COLUMN' ? relation : { ...relation, comment })
  return done('Statement executed successfully.')
}
