/** One output: `a`, `a AS b`, `t.* EXCLUDE c`. */

import type { SelectItem } from '../ast.ts'
import { outputAlias } from './aliases.ts'
import type { Parser } from './parser.ts'
import { atStar, star } from './star.ts'

export function selectItem(p: Parser): SelectItem {
  const start = p.index
  if (atStar(p)) {
    const expression = star(p)
    return { kind: 'SelectItem', span: p.span(start), expression, alias: undefined }
  }
  return valueItem(p)
}

/** An output that is no star. */
export function valueItem(p: Parser): SelectItem {
  const start = p.index
  const expression = p.rules.expression(p)
  const alias = outputAlias(p)
  return { kind: 'SelectItem', span: p.span(start), expression, alias }
}
