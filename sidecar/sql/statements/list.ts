/** LIST and LS: https://docs.snowflake.com/en/sql-reference/sql/list */

import type { Property, Spanned } from '../ast.ts'
import type { Parser } from '../parser/parser.ts'
import { location, recordLocation } from '../stage/location.ts'
import type { Location } from '../stage/location.ts'
import { optionNames, options } from '../stage/options.ts'
import { define } from './definition.ts'

export interface List extends Spanned {
  readonly kind: 'List'
  readonly location: Location
  readonly options: readonly Property[]
}

const names = optionNames('PATTERN')

function parse(p: Parser): List {
  const start = p.index
  p.keywords(1)
  const place = location(p)
  const given = options(p, names)
  return { kind: 'List', span: p.span(start), location: place, options: given }
}

export const list = define<List>({
  kind: 'List',
  starts: ['LIST', 'LS'],
  parse,
  children: ['location', 'options'],
  classify: { kind: 'List', class: 'FileTransfer' },
  record({ location: place }, facts) {
    recordLocation(place, 'List', facts)
  },
})
