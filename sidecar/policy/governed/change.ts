/** DROP, ALTER TABLE and COMMENT. */

import type { AlterAction } from '../../sql/ast.ts'
import type { Alter, Comment, Drop } from '../../sql/statements.ts'
import { first, inColumn, inProperties } from './create.ts'
import type { Obstacle, Obstacles } from './obstacle.ts'

export const changes: Obstacles = { Drop: inDrop, Alter: inAlter, Comment: inComment }

const dropped: ReadonlySet<string> = new Set(['TABLE', 'VIEW', 'SCHEMA'])

function inDrop({ verb, objectClass, properties }: Drop): string | undefined {
  const known = verb === 'DROP' && dropped.has(objectClass) && properties.length === 0
  return known ? undefined : `${verb} ${objectClass}`
}

function inAlter({ objectClass, actions }: Alter): string | undefined {
  if (objectClass !== 'TABLE') return `ALTER ${objectClass}`
  return first(actions, (action) => {
    const what = `ALTER TABLE … ${action.action}`
    const obstacle = Object.hasOwn(altering, action.action) ? altering[action.action] : undefined
    return obstacle === undefined ? what : obstacle({ ...action, action: what })
  })
}

const options: ReadonlySet<string> = new Set([
  'COMMENT',
  'CHANGE_TRACKING',
  'DEFAULT_DDL_COLLATION',
])

const inOptions: Obstacle<AlterAction> = ({ action, properties, attachments }) =>
  attachments.length > 0
    ? `${action} with a tag or contact`
    : inProperties(action, properties, options)

/** By the action's words. */
const altering: Readonly<Record<string, Obstacle<AlterAction>>> = {
  'ADD COLUMN': ({ action, columns }) =>
    first(columns, (column) => {
      // A virtual column would show others under its own name.
      const plain = column.value === undefined || column.value.kind === 'Literal'
      return plain ? inColumn(action, column) : `${action} with an expression`
    }),
  'DROP COLUMN': () => undefined,
  'RENAME COLUMN': () => undefined,
  'RENAME TO': () => undefined,
  SET: inOptions,
  UNSET: inOptions,
}

const commented: ReadonlySet<string> = new Set(['TABLE', 'VIEW', 'COLUMN'])

function inComment({ objectClass }: Comment): string | undefined {
  return commented.has(objectClass) ? undefined : `COMMENT ON ${objectClass}`
}
