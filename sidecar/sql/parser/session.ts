/** USE, ALTER SESSION, transactions. */

import type { Identifier, Literal, ObjectName } from '../ast.ts'
import type { AlterSession, Transaction, Use } from '../statements.ts'
import { statementName } from './names.ts'
import type { Parser } from './parser.ts'

const useObjects = ['DATABASE', 'SCHEMA', 'WAREHOUSE', 'ROLE'] as const

export function use(p: Parser): Use {
  const start = p.index
  p.expect('USE')
  if (p.accept('SECONDARY', 'ROLES')) {
    const name = secondaryRoles(p)
    return { kind: 'Use', span: p.span(start), object: 'SECONDARY ROLES', name }
  }
  // `USE x` where x is called like an object class has nothing behind it.
  const given = p.peek(1) === undefined ? undefined : useObjects.find((word) => p.accept(word))
  const name = statementName(p, 'a database, schema, warehouse or role')
  const object = given ?? (name.parts.length > 1 ? 'SCHEMA' : 'DATABASE')
  if (name.parts.length > (object === 'SCHEMA' ? 2 : 1)) p.fail('a shorter name')
  return { kind: 'Use', span: p.span(start), object, name }
}

function secondaryRoles(p: Parser): ObjectName {
  if (!p.at('ALL') && !p.at('NONE')) p.fail('ALL or NONE')
  const start = p.index
  const role = p.anyIdentifier('ALL or NONE')
  return { kind: 'ObjectName', span: p.span(start), parts: [role] }
}

// ── ALTER SESSION ─────────────────────────────────────────────────────────────────────────────

export function alterSession(p: Parser): AlterSession {
  const start = p.index
  p.expect('ALTER', 'SESSION')
  const action = p.accept('SET') ? 'SET' : p.accept('UNSET') ? 'UNSET' : p.fail('SET or UNSET')
  const parameters = []
  do {
    parameters.push(action === 'SET' ? assignment(p) : { name: parameter(p), value: undefined })
    // Assignments are separated by commas or by nothing.
  } while (p.accept(',') || (action === 'SET' && p.peek() !== undefined))
  return { kind: 'AlterSession', span: p.span(start), action, parameters }
}

function assignment(p: Parser): { readonly name: string; readonly value: Literal } {
  const name = parameter(p)
  p.expect('=')
  return { name, value: parameterValue(p) }
}

function parameter(p: Parser): string {
  if (p.type() !== 'word') p.fail('a session parameter')
  return p.takeText('a session parameter').value
}

const valueTypes: Readonly<Record<string, Literal['type']>> = {
  string: 'string',
  number: 'number',
  word: 'string',
}

function parameterValue(p: Parser): Literal {
  const start = p.index
  const sign = p.accept('-') ? '-' : ''
  const type = valueTypes[p.type() ?? '']
  if (type === undefined || (sign !== '' && type !== 'number')) p.fail('a value')
  const { value } = p.take('a value')
  const boolean = p.tokens[start]?.type === 'word' && (value === 'TRUE' || value === 'FALSE')
  const span = p.span(start)
  return { kind: 'Literal', span, type: boolean ? 'boolean' : type, value: sign + value }
}

// ── Transactions ──────────────────────────────────────────────────────────────────────────────

/** True of BEGIN as a transaction; otherwise it opens a block. */
export function atTransaction(p: Parser): boolean {
  if (p.ahead('START', 'TRANSACTION') || p.at('COMMIT') || p.at('ROLLBACK')) return true
  if (!p.at('BEGIN')) return false
  return ['WORK', 'TRANSACTION', 'NAME'].some((word) => p.at(word, 1)) || p.peek(1) === undefined
}

export function transaction(p: Parser): Transaction {
  const start = p.index
  const begins = p.accept('START', 'TRANSACTION') || p.accept('BEGIN')
  const action = begins ? 'BEGIN' : p.accept('COMMIT') ? 'COMMIT' : 'ROLLBACK'
  if (action === 'ROLLBACK') p.expect('ROLLBACK')
  if (!p.accept('WORK') && action === 'BEGIN') p.accept('TRANSACTION')
  const name: Identifier | undefined =
    action === 'BEGIN' && p.accept('NAME') ? p.identifier('a name') : undefined
  return { kind: 'Transaction', span: p.span(start), action, name }
}
