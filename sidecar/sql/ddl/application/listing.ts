/** https://docs.snowflake.com/en/sql-reference/sql/create-listing */

import type { Property } from '../../ast.ts'
import type { Parser } from '../../parser/parser.ts'
import { options } from '../options.ts'
import type { Options } from '../options.ts'
import { propertyValue } from '../properties.ts'

/** Behind AS: the manifest, YAML in a string. */
export function manifest(p: Parser): Options {
  const start = p.index
  if (p.type() !== 'string') p.fail('a manifest in quotes or between $$')
  const value = propertyValue(p)
  const given: Property = { kind: 'Property', span: p.span(start), name: 'AS', value }
  const more = options(p)
  return { ...more, properties: [given, ...more.properties] }
}
