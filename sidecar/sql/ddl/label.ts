/** Names inside an object: versions, patches, channels, storage locations. */

import type { Identifier } from '../ast.ts'
import type { Parser } from '../parser/parser.ts'

/** A name that may be written as a string or a number. */
export function label(p: Parser): Identifier {
  const type = p.type()
  if (type !== 'string' && type !== 'number') return p.identifier('a name')
  const start = p.index
  const { value } = p.take('a name')
  return { kind: 'Identifier', span: p.span(start), value, quoted: true }
}
