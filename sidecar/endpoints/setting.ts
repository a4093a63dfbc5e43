/** ALTER SESSION SET MULTI_STATEMENT_COUNT: between client and gateway only. */

import type { GatewaySession } from '../session/session.ts'
import { parseStatement, type Parsed } from '../sql/index.ts'
import { analyse, refuseEarly } from '../statement/analyse.ts'
import type { StatementRequest } from '../statement/request.ts'
import { defaultSet } from '../statement/several.ts'
import type { Begun, Here } from './here.ts'

/** Undefined for every other text, one that cannot be read included. */
export function settingOf({ sql, refusal }: StatementRequest): number | undefined {
  if (refusal !== undefined || !/MULTI_STATEMENT_COUNT/i.test(sql)) return undefined
  try {
    return defaultSet(parseStatement(sql))
  } catch {
    return undefined
  }
}

export function settingHere(
  { ledger }: Pick<GatewaySession, 'ledger'>,
  { request, governance }: Begun,
  wanted: number,
): Here {
  return {
    kind: 'AlterSession',
    class: 'Session',
    rules: ['baseline/session-parameters'],
    judge: (received) => {
      const analysed = analyse(received)
      refuseEarly({ ...analysed, parsed: withoutParameters(analysed.parsed) }, governance.bundle)
    },
    act: () => {
      if (!request.describeOnly) ledger.statementsWanted = wanted
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
