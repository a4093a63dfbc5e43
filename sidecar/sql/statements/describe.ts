/** DESCRIBE: https://docs.snowflake.com/en/sql-reference/sql/desc */

import type { Spanned, TargetName } from '../ast.ts'
import { describeClassAt } from '../describe/classes.ts'
import type { DescribeClass } from '../describe/classes.ts'
import { nameOf, signature } from '../grant/securable.ts'
import type { Parser } from '../parser/parser.ts'
import { takePhrase } from '../parser/phrases.ts'
import { define, pascal } from './definition.ts'

export interface Describe extends Spanned {
  readonly kind: 'Describe'
  /** TABLE, VIEW, USER, …; `DESCRIBE x` describes a table. */
  readonly object: string
  /** Of SEARCH OPTIMIZATION: the table. */
  readonly name: TargetName
  /** Types of arguments of a function or procedure, canonical. */
  readonly types: readonly string[] | undefined
  readonly within: TargetName | undefined
  /** COLUMNS unless said otherwise; for other classes than tables it means nothing. */
  readonly type: 'COLUMNS' | 'STAGE'
  readonly revision: 'DRAFT' | 'PUBLISHED' | undefined
}

function parse(p: Parser): Describe {
  const start = p.index
  p.keywords(1)
  const row = describeClassAt(p)
  if (row !== undefined) takePhrase(p, row.object)
  const object = objectOf(row)
  const name = nameOf(p, object === 'TABLE' ? 'table or view' : object, row?.parts ?? 3)
  const types = row?.signed === true ? signature(p) : undefined
  const within = row?.within === undefined ? undefined : container(p, row.within)
  const type = row?.typed !== false && p.accept('TYPE', '=') ? tableType(p) : 'COLUMNS'
  const revision = row?.revised === true && p.accept('REVISION', '=') ? revisionOf(p) : undefined
  return { kind: 'Describe', span: p.span(start), object, name, types, within, type, revision }
}

function objectOf(row: DescribeClass | undefined): string {
  return row?.object.replace(/ ON$/, '') ?? 'TABLE'
}

function container(p: Parser, objectClass: string): TargetName {
  p.expect('IN', objectClass)
  return nameOf(p, objectClass)
}

function tableType(p: Parser): Describe['type'] {
  return (
    (['COLUMNS', 'STAGE'] as const).find((word) => p.accept(word)) ?? p.fail('COLUMNS or STAGE')
  )
}

function revisionOf(p: Parser): Describe['revision'] {
  const words = ['DRAFT', 'PUBLISHED'] as const
  return words.find((word) => p.accept(word)) ?? p.fail('DRAFT or PUBLISHED')
}

export const describe = define<Describe>({
  kind: 'Describe',
  starts: ['DESCRIBE', 'DESC'],
  parse,
  children: ['name', 'within'],
  classify: ({ object }) => ({ kind: `Describe${pascal(object)}`, class: 'Meta' }),
  record({ name, object, within }, facts) {
    facts.use(name, object === 'SEARCH OPTIMIZATION' ? 'TABLE' : object, 'DESCRIBE')
    facts.use(within, 'APPLICATION', 'USAGE')
  },
})
