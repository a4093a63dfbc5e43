/** REMOVE and RM: https://docs.snowflake.com/en/sql-reference/sql/remove */

import type { Property, Spanned } from '../ast.ts'
import type { Parser } from '../parser/parser.ts'
import { location, recordLocation } from '../stage/location.ts'
import type { Location } from '../stage/location.ts'
import { optionNames, options } from '../stage/options.ts'
import { define } from './definition.ts'

export interface Remove extends Spanned {
  readonly kind: 'Remove'
  readonly location: Location
  readonly options: readonly Property[]
}

const names = optionNames('PATTERN')

function parse(p: Parser): Remove {
  const start = p.index
  p.keywords(1)
  const place = location(p)
  const given = options(p, names)
  return { kind: 'Remove', span: p.span(start), location: place, options: given }
}

export const remove = define<Remove>({
  kind: 'Remove',
  starts: ['REMOVE', 'RM'],
  parse,
  children: ['location', 'options'],
  classify: { kind: 'Remove', class: 'FileTransfer' },
  record({ location: place }, facts) {
    recordLocation(place, 'Remove', facts)
  },
})
