/** Verdicts on SQL text, with the parser and a small catalogue. */

import { resolveRelations } from '../../../sidecar/catalog/resolve.ts'
import type { CompiledPolicy } from '../../../sidecar/control/bundle.ts'
import { decide, screen } from '../../../sidecar/policy/decide.ts'
import type { DecideInput } from '../../../sidecar/policy/decide.ts'
import type { Decision } from '../../../sidecar/policy/decision.ts'
import { emit, factsOf, parseStatement, positionOf } from '../../../sidecar/sql/index.ts'
import { source, table, view } from '../catalog/support.ts'
import { inputFor } from './support.ts'

const context = { database: 'ANALYTICS', schema: 'PUBLIC' }

const catalog = source(
  table('ANALYTICS.PUBLIC.ORDERS', 'ID', 'AMOUNT'),
  table('ANALYTICS.PUBLIC.REGIONS', 'ID'),
  table('STAGING.RAW.EVENTS', 'ID'),
  table('HEALTH.PHI.PATIENTS', 'ID', 'SSN', 'CITY'),
  view('ANALYTICS.PUBLIC.SUMMARY', 'SELECT ID FROM HEALTH.PHI.PATIENTS'),
  view('ANALYTICS.PUBLIC.SCANNED', "SELECT $1 AS A FROM TABLE(RESULT_SCAN('01b2'))"),
  view('ANALYTICS.PUBLIC.LAST_ID', 'SELECT LAST_QUERY_ID() AS A'),
)

export type More = Partial<DecideInput>

/** As the gateway asks: screened first, and then with what the catalogue knows. */
export async function judge(
  policies: readonly CompiledPolicy[],
  sql: string,
  more: More = {},
): Promise<Decision> {
  const input = inputOf(policies, sql, more)
  const refused = screen(input)
  if (refused !== undefined) return refused
  const resolution = await resolveRelations(input.facts, context, catalog)
  return decide({ ...input, resolution, columns: more.columns ?? [] })
}

export function inputOf(
  policies: readonly CompiledPolicy[],
  sql: string,
  more: More = {},
): DecideInput {
  const parsed = parseStatement(sql)
  const { statement } = parsed
  return {
    ...inputFor(policies, { statement, facts: factsOf(statement), resolution: undefined }),
    position: (token) => positionOf(parsed, token),
    ...more,
    approvable: {
      ...inputFor([], { statement, facts: factsOf(statement), resolution: undefined }).approvable,
      text: () => emit(parsed, []),
      ...more.approvable,
    },
  }
}

/** What is told to the client, without the advice behind it. */
export function said(decision: Decision): string {
  return decision.verdict === 'allow'
    ? 'allow'
    : `${decision.error.entry}: ${decision.error.message}`
}
