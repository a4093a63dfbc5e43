/** PUT: https://docs.snowflake.com/en/sql-reference/sql/put */

import type { Literal, Property, Spanned } from '../ast.ts'
import type { Parser } from '../parser/parser.ts'
import { clientFile, location, recordLocation } from '../stage/location.ts'
import type { Location } from '../stage/location.ts'
import { optionNames, options } from '../stage/options.ts'
import { define } from './definition.ts'

export interface Put extends Spanned {
  readonly kind: 'Put'
  /** `file://…`, which may have wildcards. */
  readonly file: Literal
  readonly target: Location
  readonly options: readonly Property[]
}

/** THRESHOLD is what the drivers' own tests set: the size from which on a file is sent in parts. */
const names = optionNames('PARALLEL AUTO_COMPRESS SOURCE_COMPRESSION OVERWRITE THRESHOLD')

function parse(p: Parser): Put {
  const start = p.index
  p.expect('PUT')
  const file = clientFile(p)
  const target = location(p)
  const given = options(p, names)
  return { kind: 'Put', span: p.span(start), file, target, options: given }
}

export const put = define<Put>({
  kind: 'Put',
  starts: ['PUT'],
  parse,
  children: ['file', 'target', 'options'],
  classify: { kind: 'Put', class: 'FileTransfer' },
  record({ file, target }, facts) {
    recordLocation(file, 'Read', facts)
    recordLocation(target, 'Write', facts)
  },
})
