/** All published lists. */

import { expressions } from './attacks/expressions.ts'
import { predicates } from './attacks/predicates.ts'
import { projections } from './attacks/projections.ts'
import { roads } from './attacks/roads.ts'
import { structures } from './attacks/structures.ts'
import { viewAttacks } from './attacks/views.ts'
import { writes } from './attacks/writes.ts'
import { analysis } from './benign/analysis.ts'
import { tools } from './benign/tools.ts'
import { guards } from './guards.ts'
import type { ListedAttack, ListedBenign } from './types.ts'
import { viewFilters } from './view-filters.ts'

export const attackLists: Readonly<Record<string, readonly ListedAttack[]>> = {
  projections,
  expressions,
  predicates,
  structures,
  views: viewAttacks,
  writes,
  roads,
  guards,
  'view-filters': viewFilters,
}

export const benignLists: Readonly<Record<string, readonly ListedBenign[]>> = { analysis, tools }
