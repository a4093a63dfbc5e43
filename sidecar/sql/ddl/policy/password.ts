/** ALTER PASSWORD POLICY … UNSET: the only list of properties without commas. */

import type { Property } from '../../ast.ts'
import type { Parser } from '../../parser/parser.ts'
import type { ActionParts } from '../actions.ts'
import { tagNames } from '../attachments.ts'

export function unsetPassword(p: Parser): ActionParts {
  if (p.accept('TAG')) return { attachments: tagNames(p) }
  const properties: Property[] = []
  do {
    const start = p.index
    if (!atPasswordProperty(p)) p.fail('a property of password policies')
    const name = p.takeText('a property').value
    properties.push({ kind: 'Property', span: p.span(start), name, value: undefined })
    // Blanks separate only what is known to be a property.
  } while (p.accept(',') || atPasswordProperty(p))
  return { properties }
}

function atPasswordProperty(p: Parser): boolean {
  if (p.type() !== 'word') return false
  return p.at('COMMENT') || p.peek()?.value.startsWith('PASSWORD_') === true
}
