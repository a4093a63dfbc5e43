/** Queries, and EXPLAIN of them. */

import type { QueryStatement } from '../../sql/statements.ts'
import { inQueries, type Obstacles } from './obstacle.ts'

export const queries: Obstacles = {
  QueryStatement: inQuery,
  // The plan of a change shows what it would reach as the change itself does: only queries.
  Explain: ({ statement }) =>
    statement.kind === 'QueryStatement'
      ? inQuery(statement)
      : `EXPLAIN ${statement.kind.toUpperCase()}`,
}

function inQuery({ query, lock }: QueryStatement): string | undefined {
  // It keeps others from writing.
  return lock === undefined ? inQueries(query) : 'SELECT … FOR UPDATE'
}
