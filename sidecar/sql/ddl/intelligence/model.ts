/** https://docs.snowflake.com/en/sql-reference/sql/alter-model */

import { targetName } from '../../parser/names.ts'
import type { Parser } from '../../parser/parser.ts'
import { propertyOf, unsetProperty } from '../actions.ts'
import type { ActionParts } from '../actions.ts'
import { label } from '../label.ts'
import { setOptions } from '../options.ts'

/** `v FROM MODEL m [VERSION w]`, `v FROM @stage`. */
export function newModelVersion(p: Parser): ActionParts {
  const names = [label(p)]
  p.expect('FROM')
  if (!p.accept('MODEL')) return { names, ...propertyOf('FROM', 'place')(p) }
  const target = targetName(p, 'the name of a model')
  const more = p.accept('VERSION') ? [label(p)] : []
  return { names: [...names, ...more], target, targetClass: 'MODEL' }
}

/** `v SET ALIAS = a`, `v UNSET ALIAS`. */
export function modelVersion(p: Parser): ActionParts {
  const names = [label(p)]
  if (p.accept('UNSET')) return { names, properties: p.list(() => unsetProperty(p)) }
  p.expect('SET')
  return { names, ...setOptions(p) }
}
