/** `[ … ]` and `{ … }`: https://docs.snowflake.com/en/sql-reference/data-types-semistructured */

import type { ArrayLiteral, Expression, ObjectLiteral } from '../ast.ts'
import { element } from './element.ts'
import type { Parser } from './parser.ts'
import { atStar, star } from './star.ts'

export function arrayLiteral(p: Parser): ArrayLiteral {
  const start = p.index
  p.expect('[')
  const items = p.at(']') ? [] : p.list(() => element(p))
  p.expect(']')
  return { kind: 'ArrayLiteral', span: p.span(start), items }
}

/** An object, or a call as ODBC and JDBC write it: `{fn f(1)}`. */
export function braced(p: Parser): Expression {
  if (!p.at('FN', 1) || p.type(2) !== 'word') return objectLiteral(p)
  p.keywords(2)
  const value = p.rules.count(p)
  if (value.kind !== 'FunctionCall') p.fail('a function')
  p.expect('}')
  return value
}

function objectLiteral(p: Parser): ObjectLiteral {
  const start = p.index
  const entries: ObjectLiteral['entries'][number][] = []
  const spread: ObjectLiteral['spread'][number][] = []
  p.expect('{')
  if (!p.at('}')) {
    p.list(() => {
      if (atStar(p)) spread.push(star(p))
      else if (p.at('**')) spread.push(element(p))
      else entries.push(entry(p))
    })
  }
  p.expect('}')
  return { kind: 'ObjectLiteral', span: p.span(start), entries, spread }
}

function entry(p: Parser): ObjectLiteral['entries'][number] {
  if (p.type() !== 'string' && !p.atIdentifier()) p.fail('a key in quotes')
  const key = p.takeText('a key').value
  p.expect(':')
  return { key, value: p.rules.expression(p) }
}
