/** COPY FILES: https://docs.snowflake.com/en/sql-reference/sql/copy-files */

import type { Property, Query, Spanned } from '../ast.ts'
import type { Parser } from '../parser/parser.ts'
import { location, recordLocation } from '../stage/location.ts'
import type { Location } from '../stage/location.ts'
import { optionNames, options } from '../stage/options.ts'
import { define } from './definition.ts'

export interface CopyFiles extends Spanned {
  readonly kind: 'CopyFiles'
  readonly target: Location
  /** A query gives the files' addresses. */
  readonly source: Location | Query
  readonly options: readonly Property[]
}

const names = optionNames('FILES PATTERN DETAILED_OUTPUT')

function parse(p: Parser): CopyFiles {
  const start = p.index
  p.expect('COPY', 'FILES', 'INTO')
  const target = location(p)
  p.expect('FROM')
  const source = sourceOf(p)
  const given = options(p, names)
  return { kind: 'CopyFiles', span: p.span(start), target, source, options: given }
}

function sourceOf(p: Parser): CopyFiles['source'] {
  if (!p.accept('(')) return location(p)
  const query = p.rules.query(p)
  p.expect(')')
  return query
}

export const copyFiles = define<CopyFiles>({
  kind: 'CopyFiles',
  starts: ['COPY FILES'],
  parse,
  children: ['target', 'source', 'options'],
  classify: { kind: 'CopyFiles', class: 'FileTransfer' },
  record({ target, source }, facts) {
    recordLocation(target, 'Write', facts)
    facts.effect('unloads')
    if (source.kind !== 'Query') recordLocation(source, 'Read', facts)
    // Which stages are read is in the rows, not in the text.
    else facts.dynamic.push({ what: 'files named by a query', span: source.span })
  },
})
