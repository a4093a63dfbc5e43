/** Functions and procedures as ALTER, DROP, DESCRIBE, COMMENT and GRANT name them: with types. */

import type { Parameter } from '../ast.ts'
import type { Parser } from '../parser/parser.ts'
import { parameterType, typeGoesOn } from './parameters.ts'

/** `(NUMBER, VARCHAR)`, maybe empty. Names of arguments may be said, and mean nothing. */
export function signature(p: Parser): readonly Parameter[] {
  p.expect('(')
  const types = p.at(')') ? [] : p.list(() => argument(p))
  p.expect(')')
  return types
}

function argument(p: Parser): Parameter {
  const start = p.index
  const named = p.atIdentifier() && p.type(1) === 'word'
  const name = named && !typeGoesOn(p) ? p.identifier('a data type') : undefined
  const type = parameterType(p)
  return { kind: 'Parameter', span: p.span(start), name, mode: undefined, type, value: undefined }
}
