/** What DESCRIBE takes: https://docs.snowflake.com/en/sql-reference/sql/desc */

import { phraseFinder, phraseList } from '../parser/phrases.ts'
import type { Parser } from '../parser/parser.ts'

export interface DescribeClass {
  readonly object: string
  /** Of how many parts the name is at most. */
  readonly parts: number
  /** The types of arguments follow the name. */
  readonly signed: boolean
  /** Takes `TYPE = COLUMNS | STAGE`. */
  readonly typed: boolean
  /** What it lies in and must be said: `CONFIGURATION c IN APPLICATION a`. */
  readonly within: string | undefined
  /** `REVISION = DRAFT | PUBLISHED`. */
  readonly revised: boolean
}

const plain = { signed: false, typed: false, within: undefined, revised: false }

function rows(
  parts: number,
  list: string,
  row: Partial<Omit<DescribeClass, 'object' | 'parts'>> = {},
): readonly DescribeClass[] {
  return phraseList(list).map((object) => ({ ...plain, ...row, parts, object }))
}

const classes: readonly DescribeClass[] = [
  ...rows(3, 'TABLE, EXTERNAL TABLE, ICEBERG TABLE', { typed: true }),
  ...rows(
    3,
    `VIEW, MATERIALIZED VIEW, SEMANTIC VIEW, DYNAMIC TABLE, EVENT TABLE, HYBRID TABLE,
    ONLINE FEATURE TABLE, INTERACTIVE TABLE`,
  ),
  ...rows(3, 'FUNCTION, PROCEDURE', { signed: true }),
  ...rows(
    3,
    `AGENT, ALERT, BACKUP POLICY, BACKUP SET, CORTEX SEARCH SERVICE, DATASET, DBT PROJECT,
    DCM PROJECT, FILE FORMAT, GATEWAY, GIT REPOSITORY, MCP SERVER, MODEL, MODEL MONITOR,
    NETWORK RULE, NOTEBOOK, NOTEBOOK PROJECT, PIPE, SECRET, SEQUENCE, SERVICE, SNAPSHOT,
    SNAPSHOT POLICY, SNAPSHOT SET, STAGE, STREAM, STREAMLIT, TASK, TYPE, WORKSPACE`,
  ),
  ...rows(
    3,
    `AGGREGATION POLICY, AUTHENTICATION POLICY, FEATURE POLICY, JOIN POLICY, MAINTENANCE POLICY,
    MASKING POLICY, PACKAGES POLICY, PASSWORD POLICY, PRIVACY POLICY, PROJECTION POLICY, ROW ACCESS POLICY,
    SESSION POLICY, STORAGE LIFECYCLE POLICY`,
  ),
  // A share of another account is named with its account, which may have two parts itself.
  ...rows(3, 'SHARE'),
  ...rows(2, 'SCHEMA'),
  ...rows(
    1,
    `APPLICATION, APPLICATION PACKAGE, AVAILABLE LISTING, AVAILABLE ORGANIZATION PROFILE,
    COMPUTE POOL, CONNECTION, DATABASE, EXTERNAL VOLUME, NETWORK POLICY, OFFER,
    ORGANIZATION PROFILE, POSTGRES INSTANCE, PRICING PLAN, USER, WAREHOUSE`,
  ),
  ...rows(
    1,
    `INTEGRATION, API INTEGRATION, CATALOG INTEGRATION, EXTERNAL ACCESS INTEGRATION,
    NOTIFICATION INTEGRATION, OPENFLOW DATA PLANE INTEGRATION, OPENFLOW RUNTIME INTEGRATION,
    SECURITY INTEGRATION, STORAGE INTEGRATION`,
  ),
  ...rows(1, 'LISTING', { revised: true }),
  ...rows(1, 'CONFIGURATION, SPECIFICATION', { within: 'APPLICATION' }),
  ...rows(3, 'SEARCH OPTIMIZATION ON'),
]

const byWords: ReadonlyMap<string, DescribeClass> = new Map(
  classes.map((row) => [row.object, row] as const),
)

const find = phraseFinder(byWords.keys())

/** The class whose words come next; none where they are a name: `DESC stage.t`. */
export function describeClassAt(p: Parser): DescribeClass | undefined {
  const words = find(p)
  if (words === undefined || p.at('.', words.split(' ').length)) return undefined
  return byWords.get(words)
}
