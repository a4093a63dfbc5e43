/** Parameters of functions, procedures and policies. */

import type { Parameter } from '../ast.ts'
import type { Parser } from '../parser/parser.ts'
import { dataType } from '../parser/types.ts'

const modes = ['INPUT', 'OUTPUT', 'IN', 'OUT'] as const

/** `(name [IN | OUT] type [DEFAULT value], …)`, maybe empty. */
export function parameters(p: Parser): readonly Parameter[] {
  p.expect('(')
  const found = p.at(')') ? [] : p.list(() => parameter(p))
  p.expect(')')
  return found
}

function parameter(p: Parser): Parameter {
  const start = p.index
  // Nothing but a name can stand here, so it may be a reserved word such as VALUES.
  const name = p.anyIdentifier('the name of a parameter')
  const given = modes.find((mode) => p.at(mode) && p.type(1) === 'word')
  if (given !== undefined) p.keywords(1)
  const mode = given === undefined ? undefined : given.startsWith('IN') ? 'IN' : 'OUT'
  const type = parameterType(p)
  const value = p.accept('DEFAULT') ? p.rules.expression(p) : undefined
  return { kind: 'Parameter', span: p.span(start), name, mode, type, value }
}

/** A data type, or `TABLE (name type, …)`, which data metric functions take. */
export function parameterType(p: Parser): string {
  if (!p.accept('TABLE', '(')) return dataType(p)
  const columns = p.at(')') ? [] : p.list(() => tableColumn(p))
  p.expect(')')
  return `TABLE(${columns.join(',')})`
}

function tableColumn(p: Parser): string {
  const named = p.type() === 'quoted' || (p.type(1) === 'word' && !typeGoesOn(p))
  const name = named ? `${p.takeText('the name of a column').value} ` : ''
  return name + dataType(p)
}

/** `DOUBLE PRECISION` and the like are one type. */
export function typeGoesOn(p: Parser): boolean {
  return ['PRECISION', 'VARYING', 'WITH', 'WITHOUT'].some((word) => p.at(word, 1))
}
