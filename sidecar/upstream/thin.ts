/**
 * Stand-ins for Snowflake with made-up data, on loopback only (see `LoggedIn`): what fakesnow
 * answers in a form that the gateway's checks can be made on. No check is left out for it.
 */

import { canarySearch } from '../results/canaries.ts'
import { readInlineArrow } from '../results/inline-arrow.ts'
import type { UpstreamAnswer, UpstreamResult } from './answer.ts'

/** The gateway's own questions, as far as its INFORMATION_SCHEMA has an answer. */
export function askThin(sql: string): string {
  return sql.replace(', DATETIME_PRECISION FROM ', ', NULL FROM ')
}

/** It sends Arrow whatever is asked for, and has no roles to tell. Errors: UpstreamAnswerRefused. */
export function completeThin(answer: UpstreamAnswer, role: string): UpstreamAnswer {
  if (!answer.ok) return answer
  const context = { ...answer.context, role: answer.context.role ?? role }
  return { ...answer, context, format: 'json', arrow: null, rows: rowsOf(answer) }
}

function rowsOf(result: UpstreamResult): UpstreamResult['rows'] {
  if (result.arrow === null) return result.rows
  const cells: (string | null)[][] = result.columns.map(() => [])
  const images = cells.map((column) => (cell: string | null) => column.push(cell) > 0)
  const count = readInlineArrow(result, { images, canaries: canarySearch([]) })
  return Array.from({ length: count }, (_, row) => cells.map((column) => column[row] ?? null))
}
