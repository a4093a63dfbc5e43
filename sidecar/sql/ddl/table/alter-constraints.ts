/** Constraints and indexes: https://docs.snowflake.com/en/sql-reference/sql/alter-table */

import type { AlterAction, Identifier } from '../../ast.ts'
import type { Parser } from '../../parser/parser.ts'
import { action } from '../actions.ts'
import { one } from './alter.ts'
import type { Changes, ReadChange } from './alter.ts'
import {
  atIndex,
  atTableConstraint,
  columnNames,
  constraintComment,
  constraintOptions,
  tableConstraint,
} from './constraints.ts'

const keys = ['PRIMARY KEY', 'UNIQUE', 'FOREIGN KEY']

/** The same change of a constraint by its name, or by its kind and columns. */
function each(verb: string, read: (named: boolean) => ReadChange): Changes {
  const unnamed = keys.map((kind) => [`${verb} ${kind}`, read(false)] as const)
  return { [`${verb} CONSTRAINT`]: read(true), ...Object.fromEntries(unnamed) }
}

const change = (named: boolean): ReadChange =>
  one((p) => {
    const names = named ? [p.identifier('the name of a constraint')] : optionalColumns(p)
    return { names, properties: constraintOptions(p) }
  })

const drop = (named: boolean): ReadChange =>
  one((p) => {
    const names = named ? [p.identifier('the name of a constraint')] : optionalColumns(p)
    if (!p.accept('CASCADE')) p.accept('RESTRICT')
    return { names }
  })

function optionalColumns(p: Parser): readonly Identifier[] {
  return p.at('(') ? columnNames(p) : []
}

export const constraintChanges: Changes = {
  ...each('ALTER', change),
  ...each('MODIFY', change),
  ...each('DROP', drop),
  'RENAME CONSTRAINT': one((p) => {
    const from = p.identifier('the name of a constraint')
    p.expect('TO')
    return { names: [from, p.identifier('a new name')] }
  }),
}

/** Behind ADD: a constraint or an index; undefined where a column comes next. */
export function addConstraint(p: Parser, start: number): AlterAction | undefined {
  if (!atTableConstraint(p) && !atIndex(p)) return undefined
  const words = p.at('INDEX') ? 'ADD INDEX' : 'ADD CONSTRAINT'
  const added = constraintComment(p, tableConstraint(p))
  return action(p, start, words, { constraints: [added] })
}
