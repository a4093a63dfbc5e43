/**
 * ALTER SESSION of what is between client and gateway only: MULTI_STATEMENT_COUNT, and the client's
 * own QUERY_TAG, which stands inside the gateway's.
 */

import type { GatewaySession } from '../session/session.ts'
import type { SessionGrant } from '../policy/decision.ts'
import { tagSet } from '../statement/query-tag.ts'
import { parseStatement, type Parsed } from '../sql/index.ts'
import { analyse, refuseEarly } from '../statement/analyse.ts'
import type { StatementRequest } from '../statement/request.ts'
import { defaultSet } from '../statement/several.ts'
import type { Begun, Here } from './here.ts'

type Apply = (session: Pick<GatewaySession, 'ledger' | 'state'>) => void

/** Undefined for every other text, one that cannot be read included. */
function settingOf({ sql, refusal }: StatementRequest, grant: SessionGrant): Apply | undefined {
  const named = /MULTI_STATEMENT_COUNT|QUERY_TAG/i.test(sql)
  if (refusal !== undefined || !named) return undefined
  const parsed = parsedOf(sql)
  if (parsed === undefined) return undefined
  const wanted = defaultSet(parsed)
  if (wanted !== undefined) {
    return ({ ledger }) => {
      ledger.statementsWanted = wanted
    }
  }
  const tag = tagSet(parsed.statement, grant)
  if (tag === undefined) return undefined
  return ({ state }) => {
    state.tag = tag
  }
}

function parsedOf(sql: string): Parsed | undefined {
  try {
    return parseStatement(sql)
  } catch {
    return undefined
  }
}

export function settingHere(
  session: Pick<GatewaySession, 'ledger' | 'state' | 'grant'>,
  { request, governance }: Begun,
): Here | undefined {
  const apply = settingOf(request, session.grant)
  if (apply === undefined) return undefined
  return {
    kind: 'AlterSession',
    class: 'Session',
    rules: ['baseline/session-parameters'],
    judge: (received) => {
      const analysed = analyse(received)
      refuseEarly({ ...analysed, parsed: withoutParameters(analysed.parsed) }, governance.bundle)
    },
    act: () => {
      if (!request.describeOnly) apply(session)
      return Promise.resolve({
        column: 'status',
        cell: 'Statement executed successfully.',
        statementTypeId: 0x4100,
      })
    },
  }
}

/** As policy judges ALTER SESSION at all: this one parameter is not among those that it knows. */
function withoutParameters(parsed: Parsed): Parsed {
  const { statement } = parsed
  return statement.kind === 'AlterSession'
    ? { ...parsed, statement: { ...statement, parameters: [] } }
    : parsed
}
