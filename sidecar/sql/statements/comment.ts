/** COMMENT: https://docs.snowflake.com/en/sql-reference/sql/comment */

import type { Identifier, Literal, ObjectName, Spanned, TargetName } from '../ast.ts'
import { securable } from '../grant/securable.ts'
import type { Parser } from '../parser/parser.ts'
import { partsOf } from '../names.ts'
import { define, pascal } from './definition.ts'

export interface Comment extends Spanned {
  readonly kind: 'Comment'
  readonly ifExists: boolean
  /** TABLE, VIEW, COLUMN, … */
  readonly objectClass: string
  /** Of a column: its table or view. */
  readonly name: TargetName
  readonly column: Identifier | undefined
  /** Types of arguments of a function or procedure, canonical. */
  readonly types: readonly string[] | undefined
  readonly text: Literal
}

type Subject = Pick<Comment, 'objectClass' | 'name' | 'column' | 'types'>

function parse(p: Parser): Comment {
  const start = p.index
  p.expect('COMMENT')
  const ifExists = p.accept('IF', 'EXISTS')
  p.expect('ON')
  const subject = p.accept('COLUMN') ? column(p) : { ...securable(p), column: undefined }
  p.expect('IS')
  const text = literal(p)
  return { kind: 'Comment', span: p.span(start), ifExists, ...subject, text }
}

/** `[[database.]schema.]table.column` */
function column(p: Parser): Subject {
  const start = p.index
  const table = [p.identifier('the name of a table')]
  let end = p.index
  p.expect('.')
  let last = p.identifier('the name of a column')
  for (; table.length < 3 && p.at('.'); last = p.identifier('a name after "."')) {
    table.push(last)
    end = p.index
    p.keywords(1)
  }
  const name: ObjectName = { kind: 'ObjectName', span: { start, end }, parts: table }
  return { objectClass: 'COLUMN', name, column: last, types: undefined }
}

function literal(p: Parser): Literal {
  const start = p.index
  if (p.type() !== 'string') p.fail('text in quotes')
  const { value } = p.take('text in quotes')
  return { kind: 'Literal', span: p.span(start), type: 'string', value }
}

export const comment = define<Comment>({
  kind: 'Comment',
  starts: ['COMMENT'],
  parse,
  children: ['name', 'column', 'text'],
  classify: ({ objectClass }) => ({ kind: `Comment${pascal(objectClass)}`, class: 'DDL' }),
  record(statement, facts) {
    const { objectClass, name, column: given } = statement
    facts.write(name, given === undefined ? objectClass : 'RELATION', 'ALTER')
    if (given === undefined || name.kind !== 'ObjectName') return
    const full = [...partsOf(name), given.value]
    facts.columns.push({ name: full, span: given.span, scope: statement })
  },
})
