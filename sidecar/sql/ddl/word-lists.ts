/** Options whose values are words of Snowflake's, more than one to a value. */

import type { Property, PropertyList } from '../ast.ts'
import type { Parser } from '../parser/parser.ts'
import { phraseFinder, phraseList, takePhrase } from '../parser/phrases.ts'
import { numberValue } from './property-values.ts'

const kindAt = phraseFinder(
  phraseList(`
    ACCOUNT PARAMETERS, DATABASES, EXTERNAL VOLUMES, INTEGRATIONS, LISTINGS, NETWORK POLICIES,
    RESOURCE MONITORS, ROLES, SHARES, USERS, WAREHOUSES, API INTEGRATIONS, CATALOG INTEGRATIONS,
    EXTERNAL ACCESS INTEGRATIONS, NOTIFICATION INTEGRATIONS, SECURITY INTEGRATIONS,
    STORAGE INTEGRATIONS`),
)

/** `DATABASES, ACCOUNT PARAMETERS`: what a failover or replication group holds. */
export function objectKinds(p: Parser): PropertyList {
  const start = p.index
  const items = p.list((): Property => {
    const at = p.index
    const name = kindAt(p) ?? p.fail('a kind of objects such as DATABASES')
    takePhrase(p, name)
    return { kind: 'Property', span: p.span(at), name, value: undefined }
  })
  return { kind: 'PropertyList', span: p.span(start), items }
}

const reactions = ['SUSPEND_IMMEDIATE', 'SUSPEND', 'NOTIFY'] as const

/** `ON 90 PERCENT DO SUSPEND ON …`: one property for each, named as what is done. */
export function triggers(p: Parser): PropertyList {
  const start = p.index
  const items: Property[] = []
  do {
    const at = p.index
    p.expect('ON')
    const value = numberValue(p)
    p.expect('PERCENT', 'DO')
    const name = reactions.find((word) => p.accept(word))
    if (name === undefined) p.fail('SUSPEND, SUSPEND_IMMEDIATE or NOTIFY')
    items.push({ kind: 'Property', span: p.span(at), name, value })
  } while (p.at('ON'))
  return { kind: 'PropertyList', span: p.span(start), items }
}
