/** ALTER of any class: https://docs.snowflake.com/en/sql-reference/sql/alter */

import type { ObjectName, Parameter, Spanned, TargetName } from '../ast.ts'
import { actions } from '../ddl/actions.ts'
import { ddlHead } from '../ddl/head.ts'
import { recordNamedObjects } from '../ddl/named-objects.ts'
import { runsByItself } from '../ddl/scheduled.ts'
import type { AlterTail } from '../ddl/tails.ts'
import type { Parser } from '../parser/parser.ts'
import { define, pascal } from './definition.ts'

export interface Alter extends Spanned, AlterTail {
  readonly kind: 'Alter'
  readonly objectClass: string
  /** `SNOWFLAKE.ML.FORECAST`, for an INSTANCE. */
  readonly instanceOf: ObjectName | undefined
  readonly ifExists: boolean
  /** Undefined for the current account, user or warehouse. */
  readonly name: TargetName | undefined
  /** The argument types of a function or procedure. */
  readonly signature: readonly Parameter[]
}

function parse(p: Parser): Alter {
  const head = ddlHead(p, 'ALTER')
  const { start, objectClass, instanceOf, conditional, name, signature } = head
  const tail = objectClass.alter?.(p, head) ?? actions(p, objectClass)
  return {
    kind: 'Alter',
    span: p.span(start),
    objectClass: objectClass.name,
    instanceOf,
    ifExists: conditional,
    name,
    signature,
    ...tail,
  }
}

/** A version of a dataset is a query's rows; a backup is a table's. */
function keepsRows(objectClass: string, changes: AlterTail['actions']): boolean {
  return changes.some(
    ({ action, query }) =>
      action.startsWith('ADD') &&
      (objectClass === 'DATASET'
        ? query !== undefined
        : /^(BACKUP|SNAPSHOT) SET$/.test(objectClass)),
  )
}

export const alter = define<Alter>({
  kind: 'Alter',
  starts: ['ALTER'],
  parse,
  children: ['instanceOf', 'name', 'signature', 'actions'],
  classify: ({ objectClass }) => ({ kind: `Alter${pascal(objectClass)}`, class: 'DDL' }),
  record({ name, objectClass, instanceOf, actions: changes, span }, facts) {
    facts.write(name, objectClass, 'ALTER')
    if (name === undefined) {
      facts.dynamic.push({ what: `the current ${objectClass.toLowerCase()}`, span })
    }
    facts.use(instanceOf, 'CLASS', 'USAGE')
    for (const { action, target, targetClass, properties } of changes) {
      recordNamedObjects(properties, facts)
      const metered = properties.some((property) => property.name === 'DATA_METRIC_SCHEDULE')
      if (action === 'SET' && metered) facts.effect('schedules')
      if (action === 'RENAME TO') facts.write(target, objectClass, 'CREATE')
      else if (action === 'SWAP WITH') facts.write(target, objectClass, 'REPLACE')
      else if (action === 'REFRESH') facts.write(target, objectClass, 'ALTER')
      else if (target !== undefined) facts.use(target, targetClass ?? objectClass, 'USAGE')
    }
    if (keepsRows(objectClass, changes)) facts.effect('persists')
    if (runsByItself(objectClass)) facts.effect('schedules')
  },
})
