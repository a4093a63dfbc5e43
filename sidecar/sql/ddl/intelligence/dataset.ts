/** https://docs.snowflake.com/en/sql-reference/sql/alter-dataset-add-version */

import type { Parser } from '../../parser/parser.ts'
import type { ActionParts } from '../actions.ts'
import { label } from '../label.ts'
import { options } from '../options.ts'

/** `'version' FROM (query) [PARTITION BY expression] [COMMENT = …]` */
export function datasetVersion(p: Parser): ActionParts {
  const names = [label(p)]
  p.expect('FROM', '(')
  const query = p.rules.query(p)
  p.expect(')')
  const expressions = p.accept('PARTITION', 'BY') ? [p.rules.expression(p)] : []
  return { names, query, expressions, ...options(p) }
}
