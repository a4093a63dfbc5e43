/** ALTER SESSION: https://docs.snowflake.com/en/sql-reference/sql/alter-session */

import type { Bind, Literal, Spanned, Variable } from '../ast.ts'
import type { Parser } from '../parser/parser.ts'
import { define } from './definition.ts'

export interface AlterSession extends Spanned {
  readonly kind: 'AlterSession'
  readonly action: 'SET' | 'UNSET'
  readonly parameters: readonly {
    readonly name: string
    /** A word is a string; undefined for UNSET. */
    readonly value: Literal | Variable | Bind | undefined
  }[]
}

type Parameter = AlterSession['parameters'][number]

function parse(p: Parser): AlterSession {
  const start = p.index
  p.expect('ALTER', 'SESSION')
  const action = p.accept('SET') ? 'SET' : p.accept('UNSET') ? 'UNSET' : p.fail('SET or UNSET')
  const parameters: Parameter[] = []
  do {
    parameters.push(action === 'SET' ? assignment(p) : { name: parameter(p), value: undefined })
    // Assignments are separated by commas or by nothing.
  } while (p.accept(',') || (action === 'SET' && p.at('=', 1)))
  return { kind: 'AlterSession', span: p.span(start), action, parameters }
}

function assignment(p: Parser): Parameter {
  const name = parameter(p)
  p.expect('=')
  return { name, value: parameterValue(p) }
}

function parameter(p: Parser): string {
  if (p.type() !== 'word') p.fail('a session parameter')
  return p.takeText('a session parameter').value
}

const valueTypes: ReadonlyMap<string, Literal['type']> = new Map([
  ['string', 'string'],
  ['number', 'number'],
  ['word', 'string'],
])

function parameterValue(p: Parser): Literal | Variable | Bind {
  if (p.type() === 'variable' || p.at('?') || p.at(':')) {
    const given = p.rules.count(p)
    return given.kind === 'Variable' || given.kind === 'Bind' ? given : p.fail('a value')
  }
  const start = p.index
  const sign = p.accept('-') ? '-' : ''
  const type = valueTypes.get(p.type() ?? '')
  if (type === undefined || (sign !== '' && type !== 'number')) p.fail('a value')
  const { value } = p.take('a value')
  const boolean = p.tokens[start]?.type === 'word' && (value === 'TRUE' || value === 'FALSE')
  const span = p.span(start)
  return { kind: 'Literal', span, type: boolean ? 'boolean' : type, value: sign + value }
}

export const alterSession = define<AlterSession>({
  kind: 'AlterSession',
  starts: ['ALTER SESSION'],
  // ALTER SESSION POLICY is another statement.
  when: (p) => !p.at('POLICY', 2),
  parse,
  children: ['parameters'],
  classify: { kind: 'AlterSession', class: 'Session' },
  record({ parameters }, facts) {
    facts.parameters.push(...parameters.map(({ name }) => name))
  },
})
