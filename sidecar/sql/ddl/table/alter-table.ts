/** What ALTER may do to each class of tables. */

import type { AlterAction, Property } from '../../ast.ts'
import { targetName } from '../../parser/names.ts'
import type { Parser } from '../../parser/parser.ts'
import { action, values } from '../actions.ts'
import type { DdlHead } from '../head.ts'
import { options } from '../options.ts'
import { propertyValue } from '../properties.ts'
import type { AlterTail } from '../tails.ts'
import { alterBy, bare, one } from './alter.ts'
import type { Changes } from './alter.ts'
import { alterColumns, columnChanges } from './alter-columns.ts'
import { constraintChanges } from './alter-constraints.ts'
import { metricChanges } from './alter-metrics.ts'
import { clusterChanges, searchChanges } from './alter-optimization.ts'
import { dynamicSettings, policies, settings, swap } from './alter-settings.ts'

const tableChanges: Changes = {
  ...settings,
  ...swap,
  ...columnChanges,
  ...constraintChanges,
  ...policies,
  ...clusterChanges,
  ...searchChanges,
  ...metricChanges,
}

export const alterTable = alterBy(tableChanges)

export const alterIceberg = alterBy({
  ...tableChanges,
  REFRESH: one((p) => ({ properties: p.type() === 'string' ? [path(p)] : [] })),
  'CONVERT TO MANAGED': one((p) => options(p)),
})

// ── External tables ───────────────────────────────────────────────────────────────────────────

export const alterExternal = alterBy({
  ...settings,
  ...columnChanges,
  ...policies,
  ...metricChanges,
  REFRESH: one((p) => ({ properties: p.type() === 'string' ? [path(p)] : [] })),
  'ADD FILES (': one(files),
  'REMOVE FILES (': one(files),
  'ADD PARTITION (': one((p) => {
    const keys = p.list(() => partitionKey(p))
    p.expect(')', 'LOCATION')
    return { properties: [...keys, path(p)] }
  }),
  'DROP PARTITION LOCATION': one((p) => ({ properties: [path(p)] })),
})

/** Where files are, relative to the table's own place. */
function path(p: Parser): Property {
  const start = p.index
  if (p.type() !== 'string') p.fail('a path in quotes')
  const value = propertyValue(p)
  return { kind: 'Property', span: p.span(start), name: 'LOCATION', value }
}

function files(p: Parser): { readonly properties: readonly Property[] } {
  const found = values('FILES')(p)
  p.expect(')')
  return { properties: found.properties ?? [] }
}

function partitionKey(p: Parser): Property {
  const start = p.index
  if (!p.atIdentifier()) p.fail('a column')
  const { value: name } = p.takeText('a column')
  p.expect('=')
  const value = propertyValue(p)
  return { kind: 'Property', span: p.span(start), name, value }
}

// ── Dynamic tables ────────────────────────────────────────────────────────────────────────────

const alterOneDynamic = alterBy({
  ...settings,
  ...dynamicSettings,
  ...swap,
  ...policies,
  ...clusterChanges,
  ...searchChanges,
  ...metricChanges,
  ALTER: alterColumns,
  MODIFY: alterColumns,
  SUSPEND: bare,
  RESUME: bare,
  REFRESH: bare,
  'REFRESH COPY SESSION': bare,
})

/** Several may be refreshed at once: `t1, t2 REFRESH`. */
export function alterDynamic(p: Parser, head: DdlHead): AlterTail {
  const others: AlterAction[] = []
  while (p.accept(',')) {
    const start = p.index
    const target = targetName(p, 'the name of a dynamic table')
    others.push(action(p, start, 'REFRESH', { target, targetClass: head.objectClass.name }))
  }
  if (others.length > 0 && !p.at('REFRESH')) p.fail('REFRESH')
  const { actions } = alterOneDynamic(p, head)
  return { actions: [...others, ...actions] }
}
