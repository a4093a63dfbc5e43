/** ALTER of views: https://docs.snowflake.com/en/sql-reference/sql/alter-view */

import { alterBy, bare } from '../table/alter.ts'
import type { Changes } from '../table/alter.ts'
import { alterColumns } from '../table/alter-columns.ts'
import { metricChanges } from '../table/alter-metrics.ts'
import { clusterChanges, searchChanges } from '../table/alter-optimization.ts'
import { policies, settings } from '../table/alter-settings.ts'

const viewChanges: Changes = {
  ...settings,
  ...policies,
  ...metricChanges,
  ALTER: alterColumns,
  MODIFY: alterColumns,
}

export const alterView = alterBy(viewChanges)

export const alterMaterializedView = alterBy({
  ...viewChanges,
  ...clusterChanges,
  ...searchChanges,
  SUSPEND: bare,
  RESUME: bare,
})

export const alterSemanticView = alterBy(settings)
