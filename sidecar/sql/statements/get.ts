/** GET: https://docs.snowflake.com/en/sql-reference/sql/get */

import type { Literal, Property, Spanned } from '../ast.ts'
import type { Parser } from '../parser/parser.ts'
import { clientFile, location, recordLocation } from '../stage/location.ts'
import type { Location } from '../stage/location.ts'
import { optionNames, options } from '../stage/options.ts'
import { define } from './definition.ts'

export interface Get extends Spanned {
  readonly kind: 'Get'
  readonly source: Location
  /** The client's directory, `file://…`. */
  readonly file: Literal
  readonly options: readonly Property[]
}

const names = optionNames('PARALLEL PATTERN')

function parse(p: Parser): Get {
  const start = p.index
  p.expect('GET')
  const source = location(p)
  const file = clientFile(p)
  const given = options(p, names)
  return { kind: 'Get', span: p.span(start), source, file, options: given }
}

export const get = define<Get>({
  kind: 'Get',
  starts: ['GET'],
  parse,
  children: ['source', 'file', 'options'],
  classify: { kind: 'Get', class: 'FileTransfer' },
  record({ source, file }, facts) {
    recordLocation(source, 'Read', facts)
    recordLocation(file, 'Write', facts)
    facts.effect('unloads')
  },
})
