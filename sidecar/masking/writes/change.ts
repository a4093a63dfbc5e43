/** ALTER, COMMENT, DROP and TRUNCATE: what they may do to what rules name. */

import type { AlterAction } from '../../sql/ast.ts'
import type { Alter, Comment, Drop, Truncate } from '../../sql/statements.ts'
import { refuseDefinitions } from './definitions.ts'
import { refuseKeyed, refuseMoved, refuseReached, refuseReachedColumn } from './reach.ts'
import type { Target, Writing } from './writing.ts'

type Change = (action: AlterAction, target: Target, writing: Writing) => void

const relations: ReadonlySet<string> = new Set(['TABLE', 'VIEW'])
const dropped: ReadonlySet<string> = new Set(['TABLE', 'VIEW', 'SCHEMA'])
const commented: ReadonlySet<string> = new Set(['TABLE', 'VIEW', 'COLUMN', 'SCHEMA'])

const harmless: Change = () => undefined

/** Changes that are not here do not run. */
const changes: ReadonlyMap<string, Change> = new Map<string, Change>([
  ['ADD COLUMN', added],
  ['SET', harmless],
  ['UNSET', harmless],
  ['ALTER COLUMN COMMENT', harmless],
  ['ALTER COLUMN UNSET COMMENT', harmless],
  ['RENAME TO', renamed],
  ['RENAME COLUMN', named],
  ['DROP COLUMN', named],
  ['ALTER COLUMN SET DATA TYPE', defined],
  ['ALTER COLUMN TYPE', defined],
  ['ALTER COLUMN SET DEFAULT', defined],
  ['ALTER COLUMN DROP DEFAULT', defined],
  ['ALTER COLUMN SET NOT NULL', defined],
  ['ALTER COLUMN NOT NULL', defined],
  ['ALTER COLUMN DROP NOT NULL', defined],
])

export function alter({ objectClass, name, actions }: Alter, writing: Writing): void {
  if (!relations.has(objectClass) || name === undefined) writing.unsupported()
  const target = writing.target(name)
  for (const action of actions) {
    const change = changes.get(action.action)
    if (change === undefined || action.query !== undefined || action.tables.length > 0) {
      writing.unsupported(`${writing.words} ${action.action}`)
    }
    if (action.attachments.length > 0) writing.unsupported(`${writing.words} with policies or tags`)
    refuseDefinitions(writing, action.columns, action.constraints)
    change(action, target, writing)
  }
}

function added({ columns }: AlterAction, target: Target, writing: Writing): void {
  refuseKeyed(writing, target, columns)
}

/** Neither out of the reach of rules nor into it. */
function renamed({ target: to }: AlterAction, target: Target, writing: Writing): void {
  if (to === undefined) writing.unsupported()
  refuseReached(writing, target)
  refuseMoved(writing, target, writing.target(to).name)
}

/** Of a column that is renamed, both names. */
function named({ names }: AlterAction, target: Target, writing: Writing): void {
  for (const { value } of names) refuseReachedColumn(writing, target, value)
}

function defined({ columns }: AlterAction, target: Target, writing: Writing): void {
  for (const { name } of columns) refuseReachedColumn(writing, target, name.value)
}

export function comment({ objectClass }: Comment, writing: Writing): void {
  if (!commented.has(objectClass)) writing.unsupported()
}

export function drop({ verb, objectClass }: Drop, writing: Writing): void {
  if (verb !== 'DROP' || !dropped.has(objectClass)) writing.unsupported()
}

export function truncate({ objectClass }: Truncate, writing: Writing): void {
  if (objectClass !== 'TABLE') writing.unsupported()
}
