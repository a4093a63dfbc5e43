/** BEGIN, COMMIT, ROLLBACK: https://docs.snowflake.com/en/sql-reference/transactions */

import type { Identifier, Spanned } from '../ast.ts'
import type { Parser } from '../parser/parser.ts'
import { atEnd } from '../parser/phrases.ts'
import { define, pascal } from './definition.ts'

export interface Transaction extends Spanned {
  readonly kind: 'Transaction'
  readonly action: 'BEGIN' | 'COMMIT' | 'ROLLBACK'
  /** `BEGIN NAME x` */
  readonly name: Identifier | undefined
}

/** True of BEGIN as a transaction; otherwise it opens a block. */
function atTransaction(p: Parser): boolean {
  if (!p.at('BEGIN')) return true
  return ['WORK', 'TRANSACTION', 'NAME'].some((word) => p.at(word, 1)) || atEnd(p, 1)
}

function parse(p: Parser): Transaction {
  const start = p.index
  const action = actionOf(p)
  const name = action === 'BEGIN' && p.accept('NAME') ? p.identifier('a name') : undefined
  return { kind: 'Transaction', span: p.span(start), action, name }
}

function actionOf(p: Parser): Transaction['action'] {
  if (p.accept('START', 'TRANSACTION')) return 'BEGIN'
  if (p.accept('BEGIN')) {
    if (!p.accept('WORK')) p.accept('TRANSACTION')
    return 'BEGIN'
  }
  const action = p.accept('COMMIT') ? 'COMMIT' : 'ROLLBACK'
  if (action === 'ROLLBACK') p.expect('ROLLBACK')
  p.accept('WORK')
  return action
}

export const transaction = define<Transaction>({
  kind: 'Transaction',
  starts: ['BEGIN', 'START TRANSACTION', 'COMMIT', 'ROLLBACK'],
  when: atTransaction,
  parse,
  children: ['name'],
  classify: ({ action }) => ({ kind: pascal(action), class: 'Transaction' }),
})
