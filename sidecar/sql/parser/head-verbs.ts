/** Statements that are only recognised: their first words, and what they are to policy. */

import type { StatementClass } from '../facts-types.ts'

interface Verb {
  readonly class: StatementClass
  /** Words between the verb and the name, all optional, in this order. */
  readonly filler?: readonly string[]
  /** Does an object class such as TABLE follow? */
  readonly classed?: boolean
  readonly writes?: boolean
}

const verbs = {
  INSERT: { class: 'DML', filler: ['OVERWRITE', 'ALL', 'FIRST', 'INTO'], writes: true },
  UPDATE: { class: 'DML', writes: true },
  DELETE: { class: 'DML', filler: ['FROM'], writes: true },
  MERGE: { class: 'DML', filler: ['INTO'], writes: true },
  TRUNCATE: {
    class: 'Truncate',
    filler: ['MATERIALIZED', 'VIEW', 'TABLE', 'IF', 'EXISTS'],
    writes: true,
  },
  COPY: { class: 'Load', filler: ['FILES', 'INTO'], writes: true },
  PUT: { class: 'FileTransfer' },
  GET: { class: 'FileTransfer' },
  LIST: { class: 'FileTransfer' },
  LS: { class: 'FileTransfer' },
  REMOVE: { class: 'FileTransfer' },
  RM: { class: 'FileTransfer' },
  CREATE: { class: 'DDL', classed: true, writes: true },
  ALTER: { class: 'DDL', classed: true, writes: true },
  DEFINE: { class: 'DDL', classed: true, writes: true },
  DROP: { class: 'Drop', classed: true, writes: true },
  UNDROP: { class: 'DDL', classed: true, writes: true },
  COMMENT: { class: 'DDL', filler: ['IF', 'EXISTS', 'ON'], classed: true, writes: true },
  GRANT: { class: 'Grant' },
  REVOKE: { class: 'Grant' },
  CALL: { class: 'Procedure' },
  EXECUTE: { class: 'Script', classed: true },
  SET: { class: 'Session' },
  UNSET: { class: 'Session' },
  EXPLAIN: { class: 'Meta' },
  SHOW: { class: 'Meta', classed: true },
  DESCRIBE: { class: 'Meta', classed: true },
  DESC: { class: 'Meta', classed: true },
} as const satisfies Readonly<Record<string, Verb>>

export type HeadVerb = keyof typeof verbs

export function isHeadVerb(word: string): word is HeadVerb {
  return Object.hasOwn(verbs, word)
}

export function headVerb(verb: HeadVerb): Verb {
  return verbs[verb]
}

/** The verb of a block of Snowflake Scripting, which begins with BEGIN or DECLARE. */
export const scriptVerb = 'SCRIPT'

export function headClass(verb: string, toLocation: boolean): StatementClass {
  if (verb === scriptVerb) return 'Script'
  if (verb === 'COPY' && toLocation) return 'Unload'
  return isHeadVerb(verb) ? verbs[verb].class : 'Other'
}

/** What may stand between CREATE, ALTER … and the object class. */
export const objectModifiers: ReadonlySet<string> = new Set([
  ...['OR', 'REPLACE', 'ALTER', 'TEMP', 'TEMPORARY', 'TRANSIENT', 'LOCAL', 'GLOBAL', 'VOLATILE'],
  ...['SECURE', 'RECURSIVE', 'AGGREGATE', 'HYBRID', 'ICEBERG', 'EVENT', 'TERSE', 'VERSIONED'],
])

/** Object classes of several words; any other is one word. */
export const objectClasses: readonly (readonly string[])[] = [
  'AGGREGATION POLICY',
  'API INTEGRATION',
  'APPLICATION PACKAGE',
  'APPLICATION ROLE',
  'AUTHENTICATION POLICY',
  'CATALOG INTEGRATION',
  'COMPUTE POOL',
  'CORTEX SEARCH SERVICE',
  'DATABASE ROLE',
  'DYNAMIC TABLE',
  'EXTERNAL ACCESS INTEGRATION',
  'EXTERNAL FUNCTION',
  'EXTERNAL TABLE',
  'EXTERNAL VOLUME',
  'FAILOVER GROUP',
  'FILE FORMAT',
  'GIT REPOSITORY',
  'IMAGE REPOSITORY',
  'MASKING POLICY',
  'MATERIALIZED VIEW',
  'NETWORK POLICY',
  'NETWORK RULE',
  'NOTIFICATION INTEGRATION',
  'PASSWORD POLICY',
  'PRIMARY KEYS',
  'IMPORTED KEYS',
  'EXPORTED KEYS',
  'UNIQUE KEYS',
  'PROJECTION POLICY',
  'REPLICATION GROUP',
  'RESOURCE MONITOR',
  'ROW ACCESS POLICY',
  'SECURITY INTEGRATION',
  'SEMANTIC VIEW',
  'SESSION POLICY',
  'STORAGE INTEGRATION',
].map((name) => name.split(' '))
