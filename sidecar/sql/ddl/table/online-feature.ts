/** Online feature tables: https://docs.snowflake.com/en/sql-reference/sql/create-online-feature-table */

import type { Parser } from '../../parser/parser.ts'
import { createTail } from '../create-tail.ts'
import type { CreateGrammar } from '../create-tail.ts'
import { commonPhrases } from '../properties.ts'
import type { CreateTail } from '../tails.ts'
import { atTableConstraint, tableConstraint } from './constraints.ts'

const grammar: CreateGrammar = {
  phrases: { ...commonPhrases, 'WITH COMMENT': 'value' },
  sources: { FROM: 'TABLE' },
  needs: { parts: ['source'], expected: 'FROM and the name of a view or dynamic table' },
}

/** `PRIMARY KEY (a) TARGET_LAG = … WAREHOUSE = … [options] FROM source`: it keeps the source's rows. */
export function createOnlineFeatureTable(p: Parser): CreateTail {
  if (!atTableConstraint(p) || !p.at('PRIMARY')) p.fail('PRIMARY KEY')
  const constraints = [tableConstraint(p)]
  return createTail(p, grammar, { constraints })
}
