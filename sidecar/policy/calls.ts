/** Whether a statement may call the functions that it calls. */

import { displayObject, informationSchema } from '../catalog/names.ts'
import { FrostgateError } from '../errors.ts'
import type { FunctionUse } from '../sql/facts-types.ts'
import { printFunction } from '../sql/names.ts'
import { isBuiltIn, isPriorResult, listedName, mayMean } from './functions.ts'
import type { RankedRule } from './rule-set.ts'
import { byGateway, type Refusal, type StatementCase } from './statement-case.ts'
import { mayApply } from './when.ts'

export function refuseFunctions(statementCase: StatementCase): Refusal | undefined {
  const { facts, position, priorResults } = statementCase
  // Not looked up yet is not refused yet.
  const given = priorResults !== false
  const refused = facts.functions.find(
    (use) => !mayCall(statementCase, use) && !(given && isPriorResult(use)),
  )
  return refused === undefined
    ? undefined
    : byGateway(
        FrostgateError.of(
          'FunctionNotAllowed',
          { function: printFunction(refused) },
          position(refused.span.start),
        ),
      )
}

/** A view that calls an unknown function may read anything through it, so its masks are unsure. */
export function refuseViewFunctions(statementCase: StatementCase): Refusal | undefined {
  const refused = statementCase.resolution?.viewFunctions.find(
    ({ use }) => !mayCall(statementCase, use),
  )
  return refused === undefined
    ? undefined
    : byGateway(
        FrostgateError.of('ViewUnreadable', {
          view: displayObject(refused.view),
          reason: `it calls ${printFunction(refused.use)}, ${whyNot(refused.use)}`,
          role: statementCase.session.grant.role,
        }),
      )
}

function whyNot(use: FunctionUse): string {
  return isPriorResult(use)
    ? 'which gives what earlier statements gave'
    : "which is not on the list of functions and in no Allow rule's functions"
}

/** Who may call the function behind a mask's tokens can try values until one fits. */
function mayCall(statementCase: StatementCase, use: FunctionUse): boolean {
  if (isBuiltIn(use)) return true
  // What was released is known of the statement's own calls only; Snowflake answers a view for all
  // that the session ran. No list of functions changes that.
  if (isPriorResult(use)) return false
  const { keyFunctions, keysInStatements } = statementCase.rules
  const holdsKey = keyFunctions.some((parts) => mayMean(use, parts))
  // QUERY_HISTORY and its like tell the text of statements.
  const showsKeys = keysInStatements && use.name.includes(informationSchema)
  return !holdsKey && !showsKeys && listingRule(statementCase, use) !== undefined
}

/** The first rule that lists a function beyond the built-in ones. */
export function listingRule(
  statementCase: StatementCase,
  use: FunctionUse,
): RankedRule | undefined {
  const name = listedName(use)
  const listing = name === undefined ? undefined : statementCase.rules.byFunction.get(name)
  return listing?.find((ranked) => mayApply(statementCase, ranked))
}
