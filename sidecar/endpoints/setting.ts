/**
 * What is between client and gateway only: ALTER SESSION of MULTI_STATEMENT_COUNT and of the client's
 * own QUERY_TAG, which stands inside the gateway's, and SET of the reason that people are shown.
 */

import type { GatewaySession } from '../session/session.ts'
import type { SessionGrant } from '../policy/decision.ts'
import { reasonSet } from '../policy/agent-reason.ts'
import { tagSet } from '../statement/query-tag.ts'
import { parseStatement, type Parsed, type Statement } from '../sql/index.ts'
import { shownReason } from '../statement/agent-reason.ts'
import { analyse, refuseEarly } from '../statement/analyse.ts'
import type { StatementRequest } from '../statement/request.ts'
import { defaultSet } from '../statement/several.ts'
import type { Begun, Here } from './here.ts'

interface Setting {
  readonly apply: (session: Pick<GatewaySession, 'ledger' | 'state'>) => void
  readonly statement: Statement
}

/** Undefined for every other text, one that cannot be read included. */
function settingOf({ sql, refusal }: StatementRequest, grant: SessionGrant): Setting | undefined {
  const named = /MULTI_STATEMENT_COUNT|QUERY_TAG|FROSTGATE_REASON/i.test(sql)
  if (refusal !== undefined || !named) return undefined
  const parsed = parsedOf(sql)
  const apply = parsed && applying(parsed, grant)
  return apply && { apply, statement: parsed.statement }
}

function applying(parsed: Parsed, grant: SessionGrant): Setting['apply'] | undefined {
  const wanted = defaultSet(parsed)
  if (wanted !== undefined) {
    return ({ ledger }) => {
      ledger.statementsWanted = wanted
    }
  }
  const tag = tagSet(parsed.statement, grant)
  if (tag !== undefined) {
    return ({ state }) => {
      state.tag = tag
    }
  }
  const reason = reasonSet(parsed.statement)
  if (reason === undefined) return undefined
  return ({ state }) => {
    state.reason = shownReason(reason)
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
  const setting = settingOf(request, session.grant)
  if (setting === undefined) return undefined
  const { apply, statement } = setting
  const isParameter = statement.kind === 'AlterSession'
  return {
    kind: isParameter ? 'AlterSession' : statement.kind === 'SetVariables' ? 'Set' : 'Unset',
    class: 'Session',
    rules: [`baseline/session-${isParameter ? 'parameters' : 'variables'}`],
    judge: (received) => {
      const analysed = analyse(received)
      refuseEarly({ ...analysed, parsed: withoutParameters(analysed.parsed) }, governance.bundle)
    },
    act: () => {
      if (!request.describeOnly) apply(session)
      return Promise.resolve({
        column: 'status',
        cell: 'Statement executed successfully.',
        statementTypeId: isParameter ? 0x4100 : 0x4000,
      })
    },
  }
}

/** As `settingHere`, of one of several statements: the rest is of the request as a whole. */
export function reasonHere(
  session: Pick<GatewaySession, 'ledger' | 'state' | 'grant'>,
  begun: Begun,
): Here | undefined {
  const here = settingHere(session, begun)
  return here?.kind === 'AlterSession' ? undefined : here
}

/** As policy judges ALTER SESSION at all: this one parameter is not among those that it knows. */
function withoutParameters(parsed: Parsed): Parsed {
  const { statement } = parsed
  return statement.kind === 'AlterSession'
    ? { ...parsed, statement: { ...statement, parameters: [] } }
    : parsed
}
