/** CREATE SEMANTIC VIEW: https://docs.snowflake.com/en/sql-reference/sql/create-semantic-view */

import type { Attachment, Property } from '../../ast.ts'
import type { Parser } from '../../parser/parser.ts'
import { attachmentClause } from '../attachments.ts'
import { property } from '../properties.ts'
import type { Phrases } from '../properties.ts'
import type { CreateTail } from '../tails.ts'
import { factOrDimension, logicalTable, metric, relationship } from './semantic-parts.ts'
import type { SemanticView } from './semantic-parts.ts'

const phrases: Phrases = {
  AI_SQL_GENERATION: 'value',
  AI_QUESTION_CATEGORIZATION: 'value',
  'COPY GRANTS': 'nothing',
  // What GET_DDL tells of parts that have no words: `(CA = '{…}')`.
  'WITH EXTENSION': 'list',
}

/** Snowflake wants the lists in this order. */
export function createSemanticView(p: Parser): CreateTail {
  const tables = p.at('TABLES') ? section(p, 'TABLES', logicalTable) : p.fail('TABLES')
  const semantics: SemanticView = {
    tables,
    relationships: section(p, 'RELATIONSHIPS', relationship),
    facts: section(p, 'FACTS', factOrDimension),
    dimensions: section(p, 'DIMENSIONS', factOrDimension),
    metrics: section(p, 'METRICS', metric),
  }
  if (semantics.dimensions.length + semantics.metrics.length + semantics.facts.length === 0) {
    p.fail('FACTS, DIMENSIONS or METRICS')
  }
  return { semantics, ...options(p) }
}

function section<T>(p: Parser, word: string, item: (p: Parser) => T): readonly T[] {
  if (!p.accept(word, '(')) return []
  const found = p.list(() => item(p))
  p.expect(')')
  return found
}

function options(p: Parser): Pick<CreateTail, 'properties' | 'attachments'> {
  const properties: Property[] = []
  const attachments: Attachment[] = []
  const used = new Set<string>()
  for (;;) {
    const attached = attachmentClause(p, [])
    const read = attached === undefined ? property(p, phrases) : undefined
    const name = attached === undefined ? read?.name : 'TAG'
    if (name === undefined) return { properties, attachments }
    if (used.has(name)) p.fail(`a property other than ${name}, which was given already`)
    used.add(name)
    attachments.push(...(attached ?? []))
    if (read !== undefined) properties.push(read)
  }
}
