/**
 * What SHOW lists, one row per class of objects:
 * https://docs.snowflake.com/en/sql-reference/sql/show and the pages behind it.
 */

import { phraseFinder, phraseList } from '../parser/phrases.ts'
import * as scopes from './scopes.ts'
import type { ShowScope } from './scopes.ts'

export interface ShowClass {
  /** Its words: `TABLES`, `PRIMARY KEYS`. */
  readonly objects: string
  readonly terse: boolean
  readonly history: boolean
  /** Takes LIKE. */
  readonly like: boolean
  /** Takes STARTS WITH and LIMIT. */
  readonly paged: boolean
  /** Takes WITH PRIVILEGES. */
  readonly privileges: boolean
  readonly scopes: readonly ShowScope[]
  /** One of the scopes must be given. */
  readonly scoped: boolean
  /** Phrases that stand alone. */
  readonly options: readonly string[]
}

const plain: Omit<ShowClass, 'objects'> = {
  terse: false,
  history: false,
  like: true,
  paged: true,
  privileges: false,
  scopes: [],
  scoped: false,
  options: [],
}

/** Rows that are alike, by the words of the objects. */
function rows(list: string, row: Partial<ShowClass>): readonly ShowClass[] {
  return phraseList(list).map((objects) => ({ ...plain, ...row, objects }))
}

const terse = { terse: true }
const inSchema = { scopes: scopes.schemas }
const inAccount = { scopes: scopes.account }
const single = { like: false, paged: false }
/** Lists what one object holds. */
const held = (...classes: readonly string[]): Partial<ShowClass> => ({
  scopes: scopes.named('IN', ...classes),
  scoped: true,
})

const relations: readonly ShowClass[] = [
  ...rows('TABLES', { ...inSchema, ...terse, history: true, privileges: true }),
  ...rows('VIEWS', { ...inSchema, ...terse, history: true, privileges: true }),
  ...rows('OBJECTS', {
    ...terse,
    history: true,
    scopes: [...scopes.schemas, ...scopes.named('OWNED BY', 'APPLICATION')],
  }),
  ...rows(
    `DYNAMIC TABLES, EVENT TABLES, EXTERNAL TABLES, HYBRID TABLES, ICEBERG TABLES,
    INTERACTIVE TABLES, MATERIALIZED VIEWS, ONLINE FEATURE TABLES, SEMANTIC VIEWS`,
    { ...inSchema, ...terse, history: true },
  ),
  ...rows('COLUMNS', { ...terse, history: true, scopes: scopes.columns }),
  ...rows('PRIMARY KEYS, IMPORTED KEYS, EXPORTED KEYS, UNIQUE KEYS', {
    ...terse,
    ...single,
    scopes: scopes.tables,
  }),
  ...rows('INDEXES', { scopes: scopes.tables }),
  ...rows('SEMANTIC DIMENSIONS', { scopes: scopes.detailed(scopes.semanticViews, 'FOR METRIC') }),
  ...rows('SEMANTIC METRICS, SEMANTIC FACTS', { scopes: scopes.semanticViews }),
]

const schemaObjects: readonly ShowClass[] = [
  ...rows('ALERTS, PIPES, SEQUENCES, STAGES, STREAMLITS, STREAMS', { ...inSchema, ...terse }),
  ...rows('TASKS', { ...inSchema, ...terse, options: ['ROOT ONLY'] }),
  ...rows('FUNCTIONS, PROCEDURES', {
    scopes: [
      ...[...scopes.schemas, ...scopes.named('IN', 'CLASS')],
      ...scopes.detailed(scopes.named('IN', 'MODEL'), 'VERSION'),
    ],
  }),
  ...rows(
    `USER FUNCTIONS, USER PROCEDURES, BUILTIN FUNCTIONS, EXTERNAL FUNCTIONS, DATA METRIC FUNCTIONS,
    AGENTS, ARTIFACT REPOSITORIES, BACKUP POLICIES, BACKUP SETS, CLASSES, CONTACTS,
    CORTEX SEARCH SERVICES, DATASETS, DBT PROJECTS, DCM PROJECTS, EXPERIMENTS, EXTERNAL AGENTS,
    FILE FORMATS, GATEWAYS, GIT REPOSITORIES, IMAGE REPOSITORIES, MCP SERVERS, MODEL MONITORS,
    MODELS, NETWORK RULES, NOTEBOOK PROJECTS, NOTEBOOKS, SECRETS, SNAPSHOT POLICIES,
    SNAPSHOT SETS, SNAPSHOTS, TAGS, TYPES, WORKSPACES`,
    inSchema,
  ),
  ...rows(
    `AGGREGATION POLICIES, JOIN POLICIES, MASKING POLICIES, PRIVACY POLICIES, PROJECTION POLICIES,
    ROW ACCESS POLICIES, STORAGE LIFECYCLE POLICIES`,
    inSchema,
  ),
  ...rows(
    `AUTHENTICATION POLICIES, FEATURE POLICIES, MAINTENANCE POLICIES, PACKAGES POLICIES,
    PASSWORD POLICIES, SESSION POLICIES`,
    { scopes: [...scopes.schemas, ...scopes.attached] },
  ),
  ...rows('SERVICES, JOB SERVICES', {
    scopes: [...scopes.schemas, ...scopes.named('IN', 'COMPUTE POOL')],
    options: ['EXCLUDE JOBS'],
  }),
  ...rows('CHANNELS', { scopes: [...scopes.tables, ...scopes.named('IN', 'PIPE')] }),
]

const accountObjects: readonly ShowClass[] = [
  ...rows('DATABASES', {
    ...terse,
    history: true,
    privileges: true,
    scopes: [...scopes.account, ...scopes.named('IN', 'FAILOVER GROUP', 'REPLICATION GROUP')],
  }),
  ...rows('SCHEMAS', { ...terse, history: true, privileges: true, scopes: scopes.databases }),
  ...rows('SHARES', { scopes: scopes.named('IN', 'FAILOVER GROUP', 'REPLICATION GROUP') }),
  ...rows('WAREHOUSES', { ...inAccount, ...terse, privileges: true }),
  ...rows('USERS', { ...inAccount, ...terse }),
  ...rows('ROLES', {
    ...terse,
    scopes: [...scopes.account, ...scopes.named('IN', 'CLASS', 'SERVICE')],
  }),
  ...rows('ACCOUNTS, ORGANIZATION ACCOUNTS, APPLICATION PACKAGES', { history: true }),
  ...rows(
    `APPLICATIONS, COMPUTE POOLS, CONNECTIONS, EXTERNAL VOLUMES, MANAGED ACCOUNTS, NETWORK POLICIES,
    ORGANIZATION PROFILES, ORGANIZATION USER GROUPS, ORGANIZATION USERS, POSTGRES INSTANCES,
    PROVISIONED THROUGHPUTS, RESOURCE MONITORS`,
    inAccount,
  ),
  ...rows(
    `INTEGRATIONS, API INTEGRATIONS, CATALOG INTEGRATIONS, EXTERNAL ACCESS INTEGRATIONS,
    NOTIFICATION INTEGRATIONS, OPENFLOW DATA PLANE INTEGRATIONS, OPENFLOW RUNTIME INTEGRATIONS,
    SECURITY INTEGRATIONS, STORAGE INTEGRATIONS`,
    inAccount,
  ),
  ...rows('FAILOVER GROUPS, REPLICATION GROUPS', { scopes: scopes.otherAccount }),
  ...rows('REPLICATION DATABASES', {
    scopes: [{ phrase: 'WITH PRIMARY', scope: 'DATABASE', name: 'required', parts: 3 }],
  }),
  ...rows(
    `AVAILABLE ORGANIZATION PROFILES, COMPUTE POOL INSTANCE FAMILIES, CORTEX BASE MODELS,
    GLOBAL ACCOUNTS, LISTINGS, OFFERS, PRICING PLANS, REGIONS, REPLICATION ACCOUNTS`,
    {},
  ),
  ...rows('AVAILABLE LISTINGS', {
    options: ['IS_IMPORTED', 'IS_ORGANIZATION', 'IS_SHARED_WITH_ME'].flatMap((name) => [
      `${name} = TRUE`,
      `${name} = FALSE`,
    ]),
  }),
  ...rows('DELEGATED AUTHORIZATIONS', {
    ...single,
    scopes: [...scopes.named('BY', 'USER'), ...scopes.named('TO', 'SECURITY INTEGRATION')],
  }),
  ...rows(
    'MFA METHODS, USER PROGRAMMATIC ACCESS TOKENS, USER WORKLOAD IDENTITY AUTHENTICATION METHODS',
    { ...single, scopes: scopes.user },
  ),
]

const parts: readonly ShowClass[] = [
  ...rows('APPLICATION ROLES, PRIVILEGES, REFERENCES', held('APPLICATION')),
  ...rows('CONFIGURATIONS, SPECIFICATIONS, TELEMETRY EVENT DEFINITIONS', {
    scopes: scopes.named('IN', 'APPLICATION'),
  }),
  ...rows('DATABASE ROLES', held('DATABASE')),
  ...rows('BACKUPS', held('BACKUP SET')),
  ...rows('DEPLOYMENTS', held('DCM PROJECT')),
  ...rows('ENDPOINTS', held('SERVICE')),
  ...rows('SERVICE CONTAINERS, SERVICE INSTANCES, SERVICE ROLES, SERVICE VOLUMES', held('SERVICE')),
  ...rows('NODES', held('COMPUTE POOL')),
  ...rows('IMAGES', held('IMAGE REPOSITORY')),
  ...rows('GIT BRANCHES, GIT TAGS', { scopes: scopes.gitRepository, scoped: true }),
  ...rows('RELEASE CHANNELS', held('APPLICATION PACKAGE', 'LISTING')),
  ...rows('RELEASE DIRECTIVES', {
    scopes: scopes.detailed(scopes.named('IN', 'APPLICATION PACKAGE'), 'FOR RELEASE CHANNEL'),
    scoped: true,
  }),
  ...rows('RUNS', held('EXPERIMENT')),
  ...rows('RUN METRICS, RUN PARAMETERS', {
    scopes: scopes.detailed(scopes.named('IN', 'EXPERIMENT'), 'RUN'),
    scoped: true,
  }),
  ...rows(
    'VERSIONS',
    held(
      ...['AGENT', 'APPLICATION PACKAGE', 'DATASET', 'DBT PROJECT', 'DCM PROJECT', 'LISTING'],
      ...[
        'MODEL',
        'NOTEBOOK',
        'NOTEBOOK PROJECT',
        'ORGANIZATION PROFILE',
        'STREAMLIT',
        'WORKSPACE',
      ],
    ),
  ),
]

const session: readonly ShowClass[] = [
  ...rows('PARAMETERS', { paged: false, scopes: scopes.parameterScopes }),
  ...rows('VARIABLES', { paged: false }),
  ...rows('TRANSACTIONS, LOCKS', { ...single, ...inAccount }),
]

/** `SHOW SNOWFLAKE.ML.FORECAST [INSTANCES]`: the objects of a class that has a name. */
export const instances: ShowClass = { ...plain, ...inSchema, objects: 'INSTANCES' }

const byWords: ReadonlyMap<string, ShowClass> = new Map(
  [...relations, ...schemaObjects, ...accountObjects, ...parts, ...session].map(
    (row) => [row.objects, row] as const,
  ),
)

const find = phraseFinder(byWords.keys())

/** The class whose words stand `distance` tokens ahead. */
export function showClassAt(
  p: Parameters<typeof find>[0],
  distance: number,
): ShowClass | undefined {
  return byWords.get(find(p, distance) ?? '')
}
