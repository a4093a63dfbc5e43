/** ALTER SERVICE: https://docs.snowflake.com/en/sql-reference/sql/alter-service */

import { targetName } from '../../parser/names.ts'
import type { Parser } from '../../parser/parser.ts'
import { propertyOf } from '../actions.ts'
import type { ActionParts } from '../actions.ts'
import { label } from '../label.ts'
import { options } from '../options.ts'
import type { Phrases } from '../phrases.ts'
import { propertyValue } from '../properties.ts'

/** Behind FROM: a specification as text, or the file that holds one. */
export function servicePlace(phrases: Phrases): (p: Parser) => ActionParts {
  const place = propertyOf('FROM', 'place')
  return (p) => {
    const from = p.type() === 'string' || p.type() === 'stage' ? place(p).properties : undefined
    const more = options(p, phrases)
    const properties = [...(from ?? []), ...more.properties]
    if (properties.length === 0) p.fail('SPECIFICATION, SPECIFICATION_TEMPLATE or a stage')
    return { ...more, properties }
  }
}

/** `"volume" [INSTANCES 0, 1] FROM SNAPSHOT s` */
export function restoredVolume(p: Parser): ActionParts {
  const names = [label(p)]
  const start = p.index
  const given = p.accept('INSTANCES') ? p.list(() => propertyValue(p)) : []
  const value = { kind: 'PropertyList', span: p.span(start), items: given } as const
  const properties = [{ kind: 'Property', span: value.span, name: 'INSTANCES', value } as const]
  p.expect('FROM', 'SNAPSHOT')
  const target = targetName(p, 'the name of a snapshot')
  return { names, properties: given.length > 0 ? properties : [], target, targetClass: 'SNAPSHOT' }
}
