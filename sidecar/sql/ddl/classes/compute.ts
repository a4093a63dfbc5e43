/** What computes: warehouses, compute pools, services. */

import { propertyOf } from '../actions.ts'
import type { Actions } from '../actions.ts'
import type { ObjectClass } from '../classes.ts'
import { restoredVolume, servicePlace } from '../compute/service.ts'
import type { Phrases } from '../phrases.ts'

const warehouseActions: Actions = {
  SUSPEND: 'nothing',
  RESUME: 'nothing',
  'RESUME IF SUSPENDED': 'nothing',
  'ABORT ALL QUERIES': 'nothing',
  'ADD TABLES': propertyOf('TABLES', 'list'),
  'DROP TABLES': propertyOf('TABLES', 'list'),
}

const warehouse = {
  naming: 'optional',
  with: true,
  phrases: { COMMENT: 'value', TABLES: 'list' },
  actions: warehouseActions,
} as const

const servicePhrases: Phrases = {
  COMMENT: 'value',
  'IN COMPUTE POOL': 'name',
  FROM: 'place',
  'FROM SPECIFICATION': 'text',
  'FROM SPECIFICATION_TEMPLATE': 'text',
  SPECIFICATION: 'text',
  SPECIFICATION_TEMPLATE: 'text',
  'FROM SPECIFICATION_FILE': 'value',
  'FROM SPECIFICATION_TEMPLATE_FILE': 'value',
  USING: 'arguments',
}

export const computeClasses: readonly ObjectClass[] = [
  { name: 'WAREHOUSE', ...warehouse },
  { name: 'INTERACTIVE WAREHOUSE', ...warehouse },
  { name: 'ADAPTIVE WAREHOUSE', ...warehouse },
  {
    name: 'COMPUTE POOL',
    phrases: { COMMENT: 'value', 'FOR APPLICATION': 'name' },
    actions: { SUSPEND: 'nothing', RESUME: 'nothing', 'STOP ALL': 'nothing' },
  },
  {
    name: 'SERVICE',
    phrases: servicePhrases,
    actions: {
      SUSPEND: 'nothing',
      RESUME: 'nothing',
      FROM: servicePlace(servicePhrases),
      'RESTORE VOLUME': restoredVolume,
    },
    drop: { FORCE: 'nothing' },
  },
  { name: 'GATEWAY', phrases: { COMMENT: 'value', 'FROM SPECIFICATION': 'text' } },
  { name: 'IMAGE REPOSITORY' },
  {
    name: 'SNAPSHOT',
    sources: { 'FROM SERVICE': 'SERVICE' },
    phrases: { COMMENT: 'value', VOLUME: 'value', INSTANCE: 'number' },
  },
  { name: 'PROVISIONED THROUGHPUT' },
  {
    name: 'POSTGRES INSTANCE',
    sources: { FORK: 'POSTGRES INSTANCE' },
    phrases: { COMMENT: 'value', 'APPLY IMMEDIATELY': 'nothing', 'APPLY ON': 'text' },
    actions: {
      SUSPEND: 'nothing',
      RESUME: 'nothing',
      'RESET ACCESS FOR': propertyOf('RESET ACCESS FOR', 'text'),
    },
  },
]
