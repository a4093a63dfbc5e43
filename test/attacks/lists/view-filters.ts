/**
 * What filters inside view bodies let through: which rows a view has is its author's doing, by raw
 * values if he likes, and so differs between the databases. No value comes out all the same.
 */

import type { ListedAttack } from './types.ts'

const viewFilter = (id: string, sql: string, outcome: ListedAttack['outcome']): ListedAttack => ({
  id: `view-filter-${id}`,
  class: 'view-filter',
  sql,
  outcome,
  same: false,
})

export const viewFilters: readonly ListedAttack[] = [
  viewFilter('rows', 'SELECT * FROM v_filtered', 'allow'),
  viewFilter('count', 'SELECT COUNT(*) FROM v_filtered', 'allow'),
  viewFilter(
    'joined',
    'SELECT p.ssn FROM patients p JOIN v_filtered f ON f.id = p.id ORDER BY p.id',
    'mask',
  ),
  viewFilter('exists', 'SELECT id FROM patients WHERE id IN (SELECT id FROM v_filtered)', 'mask'),
  viewFilter('ssn-of-it', 'SELECT ssn FROM v_filtered', 'deny:UpstreamFailedRedacted'),
]
