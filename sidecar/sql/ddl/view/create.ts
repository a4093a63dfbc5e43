/** CREATE of views: https://docs.snowflake.com/en/sql-reference/sql/create-view */

import type { Parser } from '../../parser/parser.ts'
import type { Phrases } from '../properties.ts'
import { columns, tailOf, keys, query, readClauses } from '../table/clauses.ts'
import type { Clause } from '../table/clauses.ts'
import { viewColumns } from '../table/columns.ts'
import type { CreateTail } from '../tails.ts'

const phrases: Phrases = { COMMENT: 'value', 'COPY GRANTS': 'nothing', 'COPY TAGS': 'nothing' }

const clauses = [columns(viewColumns), query]
const clustered = [...clauses, keys('CLUSTER BY')]

export function createView(p: Parser): CreateTail {
  return create(p, clauses)
}

export function createMaterializedView(p: Parser): CreateTail {
  return create(p, clustered)
}

function create(p: Parser, known: readonly Clause[]): CreateTail {
  const draft = readClauses(p, { clauses: known, phrases })
  if (draft.query === undefined) p.fail('AS and a query')
  return tailOf(draft)
}
