/** SET and UNSET of session variables: https://docs.snowflake.com/en/sql-reference/session-variables */

import type { Expression, Identifier, Spanned } from '../ast.ts'
import type { Parser } from '../parser/parser.ts'
import { define } from './definition.ts'

export interface SetVariables extends Spanned {
  readonly kind: 'SetVariables'
  readonly names: readonly Identifier[]
  /** Of several variables: a tuple of as many values, or a query of one row. */
  readonly value: Expression
}

export interface UnsetVariables extends Spanned {
  readonly kind: 'UnsetVariables'
  readonly names: readonly Identifier[]
}

function parseSet(p: Parser): SetVariables {
  const start = p.index
  p.expect('SET')
  const names = variables(p)
  p.expect('=')
  const at = p.index
  const value = p.rules.expression(p)
  if (names.length > 1 && !fits(value, names.length)) {
    p.index = at
    p.fail(`${names.length} values in parentheses, or a query`)
  }
  return { kind: 'SetVariables', span: p.span(start), names, value }
}

function fits(value: Expression, count: number): boolean {
  return value.kind === 'Tuple' ? value.items.length === count : value.kind === 'ScalarSubquery'
}

function parseUnset(p: Parser): UnsetVariables {
  const start = p.index
  p.expect('UNSET')
  const names = variables(p)
  return { kind: 'UnsetVariables', span: p.span(start), names }
}

function variables(p: Parser): readonly Identifier[] {
  const variable = (): Identifier => p.identifier('the name of a variable')
  if (!p.accept('(')) return [variable()]
  const names = p.list(variable)
  p.expect(')')
  return names
}

export const setVariables = define<SetVariables>({
  kind: 'SetVariables',
  starts: ['SET'],
  parse: parseSet,
  children: ['names', 'value'],
  classify: { kind: 'Set', class: 'Session' },
  record({ names }, facts) {
    facts.assigns.push(...names.map(({ value }) => value))
  },
})

export const unsetVariables = define<UnsetVariables>({
  kind: 'UnsetVariables',
  starts: ['UNSET'],
  parse: parseUnset,
  children: ['names'],
  classify: { kind: 'Unset', class: 'Session' },
  record({ names }, facts) {
    facts.assigns.push(...names.map(({ value }) => value))
  },
})
