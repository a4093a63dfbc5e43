/** Tables and views. */

import type { ObjectClass } from '../classes.ts'
import { alterDynamic, alterExternal, alterIceberg, alterTable } from '../table/alter-table.ts'
import { createTable } from '../table/create.ts'
import { createOnlineFeatureTable } from '../table/online-feature.ts'
import { alterMaterializedView, alterSemanticView, alterView } from '../view/alter.ts'
import { createMaterializedView, createView } from '../view/create.ts'
import { createSemanticView } from '../view/semantic.ts'

const temporary = ['LOCAL', 'GLOBAL', 'SCOPED', 'TEMP', 'TEMPORARY', 'VOLATILE']
const all = ['CREATE', 'ALTER', 'DROP', 'UNDROP'] as const

export const relationClasses: readonly ObjectClass[] = [
  {
    name: 'TABLE',
    verbs: all,
    modifiers: [...temporary, 'TRANSIENT', 'READ ONLY'],
    create: createTable('TABLE'),
    alter: alterTable,
  },
  // Hybrid and event tables are altered as TABLE.
  { name: 'HYBRID TABLE', verbs: ['CREATE', 'DROP'], create: createTable('HYBRID TABLE') },
  { name: 'EVENT TABLE', verbs: ['CREATE', 'DROP'], create: createTable('EVENT TABLE') },
  { name: 'EXTERNAL TABLE', create: createTable('EXTERNAL TABLE'), alter: alterExternal },
  { name: 'INTERACTIVE TABLE', create: createTable('INTERACTIVE TABLE'), alter: alterDynamic },
  {
    name: 'ICEBERG TABLE',
    verbs: all,
    modifiers: ['TRANSIENT'],
    create: createTable('ICEBERG TABLE'),
    alter: alterIceberg,
  },
  {
    name: 'DYNAMIC TABLE',
    verbs: all,
    modifiers: ['TRANSIENT'],
    create: createTable('DYNAMIC TABLE'),
    alter: alterDynamic,
  },
  {
    name: 'DYNAMIC ICEBERG TABLE',
    verbs: all,
    modifiers: ['TRANSIENT'],
    create: createTable('DYNAMIC ICEBERG TABLE'),
    alter: alterDynamic,
  },
  {
    name: 'ONLINE FEATURE TABLE',
    create: createOnlineFeatureTable,
    actions: { SUSPEND: 'nothing', RESUME: 'nothing', REFRESH: 'nothing' },
  },
  {
    name: 'VIEW',
    modifiers: [...temporary, 'SECURE', 'RECURSIVE'],
    create: createView,
    alter: alterView,
  },
  {
    name: 'MATERIALIZED VIEW',
    modifiers: ['SECURE'],
    create: createMaterializedView,
    alter: alterMaterializedView,
  },
  {
    name: 'INTERACTIVE MATERIALIZED VIEW',
    verbs: ['CREATE'],
    modifiers: ['SECURE'],
    create: createMaterializedView,
  },
  { name: 'SEMANTIC VIEW', create: createSemanticView, alter: alterSemanticView },
]
