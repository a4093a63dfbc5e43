/** Privileges: https://docs.snowflake.com/en/user-guide/security-access-control-privileges */

import type { TargetName } from '../ast.ts'
import { targetName } from '../parser/names.ts'
import type { Parser } from '../parser/parser.ts'
import { phraseFinder, phraseList, takePhrase } from '../parser/phrases.ts'
import { creatableAt } from './classes.ts'

export interface Privilege {
  /** Its words: `SELECT`, `CREATE TABLE`, `APPLY MASKING POLICY`; `ALL`. */
  readonly privilege: string
  /** Of `CREATE SNOWFLAKE.ML.FORECAST`: the class, which has a name. */
  readonly className: TargetName | undefined
}

/** CREATE aside, which is followed by a class. */
const privilegeAt = phraseFinder([
  ...phraseList(`
    ADD SEARCH OPTIMIZATION, APPLYBUDGET, ATTACH LISTING, ATTACH POLICY, AUDIT,
    BIND SERVICE ENDPOINT, DELETE, DEVELOP, EVOLVE SCHEMA, FAILOVER, IMPERSONATE,
    IMPORTED PRIVILEGES, INGEST LINEAGE, INSERT, INSTALL, OPERATE,
    OVERRIDE SHARE RESTRICTIONS, OWNERSHIP, PURCHASE DATA EXCHANGE LISTING, READ, READ SESSION,
    READ UNREDACTED AI OBSERVABILITY EVENTS TABLE, REBUILD, REFERENCES, REFERENCE_USAGE, REPLICATE,
    RESOLVE ALL, SELECT, SELECT ERROR TABLE, TRUNCATE, UPDATE, USAGE, USE AI FUNCTIONS,
    USE_ANY_ROLE, VIEW LINEAGE, WRITE`),
  ...phraseList(`
    APPLY, APPLY AGGREGATION POLICY, APPLY AUTHENTICATION POLICY, APPLY BACKUP POLICY,
    APPLY BACKUP RETENTION LOCK, APPLY CONTACT, APPLY FEATURE POLICY, APPLY JOIN POLICY,
    APPLY LEGAL HOLD, APPLY MAINTENANCE POLICY, APPLY MASKING POLICY, APPLY PACKAGES POLICY, APPLY PASSWORD POLICY,
    APPLY PRIVACY POLICY, APPLY PROJECTION POLICY, APPLY ROW ACCESS POLICY,
    APPLY SESSION POLICY, APPLY SNAPSHOT POLICY, APPLY SNAPSHOT RETENTION LOCK,
    APPLY STORAGE LIFECYCLE POLICY, APPLY TAG`),
  ...phraseList(`
    EXECUTE, EXECUTE ALERT, EXECUTE AUTO CLASSIFICATION, EXECUTE DATA METRIC FUNCTION,
    EXECUTE MANAGED ALERT, EXECUTE MANAGED TASK, EXECUTE TASK`),
  ...phraseList('IMPORT ORGANIZATION LISTING, IMPORT ORGANIZATION USER GROUPS, IMPORT SHARE'),
  ...phraseList(`
    MANAGE ACCOUNT SUPPORT CASES, MANAGE ACCOUNTS, MANAGE BILLING, MANAGE CALLER GRANTS,
    MANAGE EVENT SHARING, MANAGE GRANTS,
    MANAGE LISTING AUTO FULFILLMENT, MANAGE ORGANIZATION CONTACTS,
    MANAGE ORGANIZATION SUPPORT CASES, MANAGE ORGANIZATION TERMS, MANAGE ORGANIZATION USER GROUPS,
    MANAGE RELEASES, MANAGE SHARE TARGET, MANAGE USER SUPPORT CASES, MANAGE VERSIONS,
    MANAGE WAREHOUSES`),
  ...phraseList(`
    MODIFY, MODIFY LOG LEVEL, MODIFY METRIC LEVEL, MODIFY PROGRAMMATIC AUTHENTICATION METHODS,
    MODIFY SESSION LOG LEVEL, MODIFY SESSION METRIC LEVEL, MODIFY SESSION TRACE LEVEL,
    MODIFY TRACE LEVEL, MONITOR, MONITOR EXECUTION, MONITOR SECURITY, MONITOR USAGE`),
])

/** https://docs.snowflake.com/en/developer-guide/restricted-callers-rights */
const callerPrivilegeAt = phraseFinder(
  phraseList(`
    COMPUTE USAGE, DATA READ, DATA WRITE, FULL MANAGEMENT, GRANT MANAGEMENT, OBJECT MANAGEMENT,
    PROGRAM USAGE`),
)

/** One privilege; `ofCaller` for those that only caller grants know. */
export function privilege(p: Parser, ofCaller: boolean): Privilege {
  if (p.accept('CREATE')) return creation(p)
  const found = privilegeAt(p) ?? (ofCaller ? callerPrivilegeAt(p) : undefined)
  if (found === undefined) return p.fail('a privilege such as SELECT or USAGE')
  takePhrase(p, found)
  return { privilege: found, className: undefined }
}

function creation(p: Parser): Privilege {
  const found = creatableAt(p)
  if (found !== undefined) {
    takePhrase(p, found)
    return { privilege: `CREATE ${found}`, className: undefined }
  }
  if (!p.at('.', 1)) p.fail('a class of objects such as TABLE')
  return { privilege: 'CREATE', className: targetName(p, 'a class') }
}

/** Privileges as SHOW … WITH PRIVILEGES lists them. */
export function privilegeList(p: Parser): readonly string[] {
  return p.list(() => {
    const { privilege: words, className } = privilege(p, false)
    return className === undefined ? words : p.fail('a privilege such as USAGE')
  })
}
