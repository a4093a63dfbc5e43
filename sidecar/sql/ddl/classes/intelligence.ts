/** Search, models, agents. */

import { labelled, maybeLabelled, propertyOf } from '../actions.ts'
import type { Actions } from '../actions.ts'
import type { ObjectClass } from '../classes.ts'
import { cortexQuery, scoringProfile, searchColumns } from '../intelligence/cortex-search.ts'
import { datasetVersion } from '../intelligence/dataset.ts'
import { modelVersion, newModelVersion } from '../intelligence/model.ts'
import type { Phrases } from '../phrases.ts'

const searchActions: Actions = {
  SUSPEND: 'nothing',
  RESUME: 'nothing',
  'SUSPEND SERVING': 'nothing',
  'RESUME SERVING': 'nothing',
  'SUSPEND INDEXING': 'nothing',
  'RESUME INDEXING': 'nothing',
  REFRESH: 'nothing',
  'ADD SCORING PROFILE': scoringProfile,
  'DROP SCORING PROFILE': labelled({}),
}

const specification: Phrases = { COMMENT: 'value', 'FROM SPECIFICATION': 'text' }

export const intelligenceClasses: readonly ObjectClass[] = [
  {
    name: 'CORTEX SEARCH SERVICE',
    clauses: {
      ON: searchColumns('ON'),
      ATTRIBUTES: searchColumns('ATTRIBUTES'),
      'PRIMARY KEY': searchColumns('PRIMARY KEY'),
      'TEXT INDEXES': searchColumns('TEXT INDEXES'),
      'VECTOR INDEXES': searchColumns('VECTOR INDEXES'),
    },
    last: { AS: cortexQuery },
    actions: searchActions,
    needs: { parts: ['query'], expected: 'AS and a query' },
  },
  {
    name: 'MODEL',
    sources: { 'FROM MODEL': 'MODEL' },
    phrases: { COMMENT: 'value', 'WITH VERSION': 'value', VERSION: 'value', FROM: 'place' },
    actions: {
      'ADD VERSION': newModelVersion,
      'DROP VERSION': labelled({}),
      'MODIFY VERSION': modelVersion,
      VERSION: modelVersion,
    },
  },
  {
    name: 'MODEL MONITOR',
    with: true,
    actions: {
      SUSPEND: 'nothing',
      RESUME: 'nothing',
      'ADD SEGMENT_COLUMN': propertyOf('SEGMENT_COLUMN', 'value'),
      'DROP SEGMENT_COLUMN': propertyOf('SEGMENT_COLUMN', 'value'),
      'ADD CUSTOM_METRIC_COLUMN': propertyOf('CUSTOM_METRIC_COLUMN', 'value'),
      'DROP CUSTOM_METRIC_COLUMN': propertyOf('CUSTOM_METRIC_COLUMN', 'value'),
    },
  },
  {
    name: 'DATASET',
    actions: { 'ADD VERSION': datasetVersion, 'DROP VERSION': labelled({}) },
  },
  {
    name: 'AGENT',
    phrases: specification,
    actions: {
      'MODIFY LIVE VERSION SET': 'options',
      'ADD LIVE VERSION': maybeLabelled({ 'FROM LAST': 'nothing' }),
      COMMIT: 'options',
    },
  },
  {
    name: 'EXTERNAL AGENT',
    phrases: { COMMENT: 'value', 'WITH VERSION': 'value' },
    actions: { 'ADD VERSION': labelled({}), 'DROP VERSION': labelled({}) },
  },
  {
    name: 'EXPERIMENT',
    actions: { 'ADD RUN': labelled({}), 'COMMIT RUN': labelled({}), 'DROP RUN': labelled({}) },
  },
  { name: 'MCP SERVER', phrases: specification },
  { name: 'CUSTOM MCP SERVER' },
  { name: 'EXTERNAL MCP SERVER', with: true },
]
