/** Which options name objects, and of what class: the one place that knows. */

import type { Property, PropertyList, PropertyValue } from '../ast.ts'
import type { FactCollector } from '../facts/collector.ts'
import { namedBy } from '../facts/named-by.ts'

function rows(objectClass: string, names: string): readonly (readonly [string, string])[] {
  return names.split(/[\s,]+/).map((name) => [name.replaceAll('+', ' '), objectClass] as const)
}

/** By property; a `+` stands for a blank. */
const classes: ReadonlyMap<string, string> = new Map([
  ...rows('WAREHOUSE', 'WAREHOUSE QUERY_WAREHOUSE DEFAULT_WAREHOUSE INITIALIZATION_WAREHOUSE'),
  ...rows('WAREHOUSE', 'DEFAULT_STREAMLIT_NOTEBOOK_WAREHOUSE USER_TASK_WAREHOUSE'),
  ...rows('COMPUTE POOL', 'COMPUTE_POOL IN+COMPUTE+POOL DEFAULT_NOTEBOOK_COMPUTE_POOL_CPU'),
  ...rows('COMPUTE POOL', 'DEFAULT_NOTEBOOK_COMPUTE_POOL_GPU'),
  ...rows('INTEGRATION', 'STORAGE_INTEGRATION API_INTEGRATION NOTIFICATION_INTEGRATION'),
  ...rows('INTEGRATION', 'ERROR_INTEGRATION SUCCESS_INTEGRATION INTEGRATION CATALOG_SYNC'),
  ...rows('INTEGRATION', 'EXTERNAL_ACCESS_INTEGRATIONS SECURITY_INTEGRATIONS API_AUTHENTICATION'),
  ...rows('INTEGRATION', 'ALLOWED_API_AUTHENTICATION_INTEGRATIONS CATALOG_INTEGRATION CATALOG'),
  ...rows('FILE FORMAT', 'FILE_FORMAT FORMAT_NAME'),
  ...rows('ROLE', 'DEFAULT_ROLE ROLE_RESTRICTION RUN_AS_ROLE BLOCKED_ROLES_LIST'),
  ...rows('ROLE', 'PRE_AUTHORIZED_ROLES_LIST ALLOWED_ROLES_LIST'),
  ...rows('ROLE', 'EXTERNAL_OAUTH_ALLOWED_ROLES_LIST EXTERNAL_OAUTH_BLOCKED_ROLES_LIST'),
  ...rows('USER', 'NOTIFY_USERS USERS EXECUTE+AS+USER'),
  ...rows('TASK', 'AFTER FINALIZE'),
  ...rows('RESOURCE MONITOR', 'RESOURCE_MONITOR'),
  ...rows('EVENT TABLE', 'EVENT_TABLE'),
  ...rows('EXTERNAL VOLUME', 'EXTERNAL_VOLUME ALLOWED_EXTERNAL_VOLUMES'),
  ...rows('NETWORK POLICY', 'NETWORK_POLICY NETWORK+POLICY'),
  ...rows('NETWORK RULE', 'ALLOWED_NETWORK_RULES ALLOWED_NETWORK_RULE_LIST'),
  ...rows('NETWORK RULE', 'BLOCKED_NETWORK_RULE_LIST'),
  ...rows('SECRET', 'SECRETS ALLOWED_AUTHENTICATION_SECRETS GIT_CREDENTIALS WEBHOOK_SECRET'),
  ...rows('FUNCTION', 'REQUEST_TRANSLATOR RESPONSE_TRANSLATOR CONTEXT_HEADERS'),
  ...rows('DATABASE', 'ALLOWED_DATABASES'),
  ...rows('SCHEMA', 'DEFAULT_NAMESPACE'),
  ...rows('SHARE', 'ALLOWED_SHARES SHARE'),
  ...rows('ACCOUNT', 'ALLOWED_ACCOUNTS ACCOUNTS'),
  ...rows('SERVICE', 'SERVICE'),
  ...rows('TABLE', 'TABLES'),
  ...rows('RELATION', 'SOURCE BASELINE'),
  ...rows('MODEL', 'MODEL'),
  ...rows('APPLICATION', 'FOR+APPLICATION'),
  ...rows('APPLICATION PACKAGE', 'APPLICATION+PACKAGE'),
  ...rows('ARTIFACT REPOSITORY', 'ARTIFACT_REPOSITORY'),
  ...rows('INSTANCE', 'CLASSIFICATION_PROFILE'),
  ...rows('CONFIGURATION', 'USING+CONFIGURATION'),
  ...rows('BACKUP POLICY', 'WITH+BACKUP+POLICY WITH+SNAPSHOT+POLICY'),
  ...[
    ...['AUTHENTICATION POLICY', 'FEATURE POLICY', 'MAINTENANCE POLICY', 'PACKAGES POLICY'],
    ...['PASSWORD POLICY', 'SESSION POLICY', 'DATA MOVEMENT POLICY'],
    'MULTI PARTY APPROVAL POLICY',
  ].map((name) => [name, name] as const),
])

/** Words that stand for no object where a name could be. */
const noNames: ReadonlySet<string> = new Set(['ALL', 'NONE', 'SNOWFLAKE'])

/** Where code is built to; every other stage is read. */
const writtenTo = 'TARGET_PATH'

/** Adds the objects and stages that options name to the facts, those inside lists too. */
export function recordNamedObjects(options: readonly Property[], facts: FactCollector): void {
  const stack: { property: Property; outer: string | undefined }[] = []
  const push = (items: readonly PropertyList['items'][number][], outer: string | undefined) => {
    for (const item of items) if (item.kind === 'Property') stack.push({ property: item, outer })
  }
  push(options.toReversed(), undefined)
  for (let entry = stack.pop(); entry !== undefined; entry = stack.pop()) {
    const { name, value } = entry.property
    const objectClass = classes.get(name) ?? entry.outer
    for (const item of valuesOf(value)) {
      recordPlace(name, item, facts)
      if (item.kind === 'PropertyList') {
        stack.push({ property: { ...entry.property, value: item }, outer: entry.outer })
      } else if (item.kind === 'Variable' || item.kind === 'Bind') {
        facts.dynamic.push({ what: `the value of ${name}`, span: item.span })
      } else if (objectClass !== undefined && !isWord(item)) {
        facts.use(namedBy(item), objectClass, 'USAGE')
      } else if (isQualified(item)) {
        facts.use(namedBy(item), 'OBJECT', 'USAGE')
      }
    }
    // SECRETS = ('label' = name): what the list is of, its labels are of.
    const inside = name === 'SECRETS' ? objectClass : undefined
    if (value?.kind === 'PropertyList') push(value.items.toReversed(), inside)
  }
}

function valuesOf(value: PropertyValue | undefined): readonly PropertyValue[] {
  if (value === undefined) return []
  if (value.kind !== 'PropertyList') return [value]
  return value.items.filter((item) => item.kind !== 'Property')
}

/** Words of Snowflake's have no dots: with one, it is a name even where none is known to be. */
function isQualified(value: PropertyValue): boolean {
  return value.kind === 'ObjectName' && value.parts.length > 1
}

/** `SECRETS = (ALL)`, `CATALOG = 'SNOWFLAKE'` */
function isWord(value: PropertyValue): boolean {
  if (value.kind === 'Literal') return noNames.has(value.value.toUpperCase())
  if (value.kind !== 'ObjectName' || value.parts.length > 1) return false
  return value.parts.some((part) => !part.quoted && noNames.has(part.value))
}

/** `IMPORTS = ('@s/x.jar')`: a stage may be written as a string. */
function recordPlace(name: string, value: PropertyValue, facts: FactCollector): void {
  if (value.kind === 'Stage' && name === writtenTo) facts.stage(value.span, 'Write')
  if (value.kind !== 'Literal' || value.type !== 'string') return
  if (!/^@[\w~%"]/.test(value.value)) return
  const access = name === writtenTo ? 'Write' : 'Read'
  facts.stages.push({ name: value.value, access, span: value.span })
}
