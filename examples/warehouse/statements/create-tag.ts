import { objectExists } from '../engine/errors.ts'
import { Cursor } from '../sql/tokens.ts'
import type { StatementContext } from './context.ts'
import type { Outcome } from './outcome.ts'
import { done } from './synthetic.ts'
import { targetNamed } from './targets.ts'

/** CREATE [OR REPLACE] TAG [IF NOT EXISTS] name. */
export function createTag(context: StatementContext): Outcome {
  const cursor = new Cursor(context.sql, context.tokens)
  cursor.take('CREATE')
  const replace = cursor.take('OR', 'REPLACE')
  cursor.take('TAG')
  const ifNotExists = cursor.take('IF', 'NOT', 'EXISTS')
  const { database, schema, name } = targetNamed(context, cursor.qualifiedName())
  cursor.end()
  const tags = context.catalogue.schema(database, schema)?.tags
  if (tags?.has(name) === true && !replace && !ifNotExists) throw objectExists(name)
  tags?.add(name)
  context.catalogue.changed()
  return done(`Tag ${name} successfully created.`)
}
