/** https://docs.snowflake.com/en/sql-reference/sql/create-application, alter-application */

import type { Property } from '../../ast.ts'
import type { Parser } from '../../parser/parser.ts'
import type { ActionParts } from '../actions.ts'
import { options } from '../options.ts'
import type { Options } from '../options.ts'
import type { Phrases } from '../phrases.ts'
import { propertyList, propertyValue } from '../properties.ts'

const phrases: Phrases = {
  COMMENT: 'value',
  VERSION: 'value',
  PATCH: 'number',
  'RELEASE CHANNEL': 'value',
}

/** Behind USING: `VERSION v [PATCH n]`, `RELEASE CHANNEL c`, or the files on a stage. */
export function usingVersion(p: Parser): Options {
  const start = p.index
  const place = p.type() === 'string' || p.type() === 'stage' ? propertyValue(p) : undefined
  const files: readonly Property[] =
    place === undefined
      ? []
      : [{ kind: 'Property', span: p.span(start), name: 'USING', value: place }]
  const more = options(p, phrases)
  const properties = [...files, ...more.properties]
  if (properties.length === 0) p.fail('VERSION, RELEASE CHANNEL or a stage')
  return { ...more, properties }
}

export function upgrade(p: Parser): ActionParts {
  return p.accept('USING') ? usingVersion(p) : {}
}

/** `('a', 'b')`, or nothing for all. */
export function unsetReferences(p: Parser): ActionParts {
  if (!p.at('(')) return {}
  const start = p.index
  const value = propertyList(p)
  return { properties: [{ kind: 'Property', span: p.span(start), name: 'REFERENCES', value }] }
}
