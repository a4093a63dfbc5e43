/**
 * Classes of objects that privileges are granted on and comments are written for.
 * https://docs.snowflake.com/en/user-guide/security-access-control-privileges
 */

import { phraseFinder, phraseList } from '../parser/phrases.ts'

/** By how many parts their names have at most: of an account, of a database, of a schema. */
const levels: readonly (readonly [number, readonly string[]])[] = [
  [
    1,
    phraseList(`
      API INTEGRATION, APPLICATION, APPLICATION PACKAGE, CATALOG INTEGRATION, COMPUTE POOL,
      CONNECTION, DATABASE, EXTERNAL ACCESS INTEGRATION, EXTERNAL VOLUME, FAILOVER GROUP,
      INTEGRATION, LISTING, MANAGED ACCOUNT, NETWORK POLICY, NOTIFICATION INTEGRATION,
      OPENFLOW DATA PLANE INTEGRATION, OPENFLOW RUNTIME INTEGRATION,
      ORGANIZATION LISTING, ORGANIZATION PROFILE, POSTGRES INSTANCE, PROVISIONED THROUGHPUT,
      REPLICATION GROUP, RESOURCE MONITOR, ROLE, SECURITY INTEGRATION, SHARE, STORAGE INTEGRATION,
      USER, WAREHOUSE`),
  ],
  [2, phraseList('APPLICATION ROLE, DATABASE ROLE, SCHEMA')],
  [
    3,
    phraseList(`
      AGENT, AGGREGATION POLICY, ALERT, ARTIFACT REPOSITORY, AUTHENTICATION POLICY, BACKUP POLICY,
      BACKUP SET, CONTACT, CORTEX SEARCH SERVICE, DATA METRIC FUNCTION, DATASET, DBT PROJECT,
      DCM PROJECT, DYNAMIC TABLE, EVENT TABLE, EXPERIMENT, EXTERNAL AGENT, EXTERNAL FUNCTION,
      EXTERNAL TABLE, FEATURE POLICY, FILE FORMAT, FUNCTION, GATEWAY, GIT REPOSITORY, HYBRID TABLE,
      ICEBERG TABLE, IMAGE REPOSITORY, INTERACTIVE TABLE, JOIN POLICY,
      MAINTENANCE POLICY, MASKING POLICY, MATERIALIZED VIEW, MCP SERVER,
      MODEL, MODEL MONITOR, NETWORK RULE, NOTEBOOK, NOTEBOOK PROJECT, ONLINE FEATURE TABLE,
      PACKAGES POLICY, PASSWORD POLICY, PIPE, PRIVACY POLICY, PROCEDURE, PROJECTION POLICY,
      ROW ACCESS POLICY, SECRET, SEMANTIC VIEW, SEQUENCE, SERVICE, SESSION POLICY, SNAPSHOT,
      SNAPSHOT POLICY, SNAPSHOT SET, STAGE, STORAGE LIFECYCLE POLICY, STREAM, STREAMLIT, TABLE, TAG,
      TASK, TYPE, VIEW, WORKSPACE`),
  ],
]

const nameParts: ReadonlyMap<string, number> = new Map(
  levels.flatMap(([parts, names]) => names.map((name) => [name, parts] as const)),
)

const signed: ReadonlySet<string> = new Set(
  phraseList('FUNCTION, PROCEDURE, DATA METRIC FUNCTION, EXTERNAL FUNCTION'),
)

/** How many parts the name of an object of this class has at most. */
export function mostParts(objectClass: string): number {
  return nameParts.get(objectClass) ?? 3
}

/** Are objects of this class told apart by the types of their arguments? */
export function hasSignature(objectClass: string): boolean {
  return signed.has(objectClass)
}

const byPlural: ReadonlyMap<string, string> = new Map(
  [...nameParts.keys()].map((name) => [plural(name), name] as const),
)

function plural(name: string): string {
  return /[^AEIOU]Y$/.test(name) ? `${name.slice(0, -1)}IES` : `${name}S`
}

/** `MASKING POLICIES` → `MASKING POLICY`. */
export function singular(objects: string): string {
  return byPlural.get(objects) ?? objects
}

export const classAt = phraseFinder(nameParts.keys())
export const pluralAt = phraseFinder(byPlural.keys())

/** What CREATE as a privilege may be of: these and more. */
export const creatableAt = phraseFinder([
  ...nameParts.keys(),
  ...phraseList(
    'ACCOUNT, DATA EXCHANGE LISTING, ORGANIZATION USER, ORGANIZATION USER GROUP, TEMPORARY TABLE',
  ),
])
