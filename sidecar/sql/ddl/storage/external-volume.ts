/** https://docs.snowflake.com/en/sql-reference/sql/alter-external-volume */

import type { Parser } from '../../parser/parser.ts'
import type { ActionParts } from '../actions.ts'
import { propertyOf } from '../actions.ts'
import { label } from '../label.ts'
import { options } from '../options.ts'

const location = propertyOf('STORAGE_LOCATION', 'list')

export function storageLocation(p: Parser): ActionParts {
  return location(p)
}

/** `= 'name' CREDENTIALS = (…)` */
export function updatedLocation(p: Parser): ActionParts {
  p.expect('=')
  const names = [label(p)]
  return { names, ...options(p, {}) }
}
