import { SnowflakeError } from '../engine/errors.ts'
import type { Session } from '../login/sessions.ts'
import { type Outcome, statementTypes } from '../statements/outcome.ts'
import { output } from '../statements/synthetic.ts'
import { parameter } from './execution.ts'

const NAME = 'MULTI_STATEMENT_COUNT'

/** How many statements a text may hold: 0 any number; 1 unless statement or session say otherwise. */
export function desiredCount(
  session: Session,
  parameters: Readonly<Record<string, unknown>>,
): number {
  const count = Number(parameter(parameters, NAME) ?? session.parameters.get(NAME) ?? 1)
  return Number.isInteger(count) && count >= 0 ? count : 1
}

export const wrongCount = (actual: number, desired: number): SnowflakeError =>
  new SnowflakeError(
    '000008',
    '0A000',
    `Actual statement count ${actual} did not match the desired statement count ${desired}.`,
  )

/** What the parent of several statements answers; their own results are fetched by their ids. */
export const multipleOutcome = (): Outcome => ({
  columns: [output('multiple statement execution')],
  rows: [['Multiple statements executed successfully.']],
  statementTypeId: statementTypes.multiple,
})
