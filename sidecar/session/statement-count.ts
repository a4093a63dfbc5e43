/** MULTI_STATEMENT_COUNT: how many statements a request may hold. The gateway alone goes by it. */

import { isObject } from '../json.ts'

/** As drivers send it, a number or its digits; 0 is any number. Undefined for anything else. */
export function statementCount(value: unknown): number | undefined {
  const count = typeof value === 'string' && /^\d{1,4}$/.test(value) ? Number(value) : value
  const fits = typeof count === 'number' && Number.isInteger(count) && count >= 0 && count <= 9_999
  return fits ? count : undefined
}

/** The value of MULTI_STATEMENT_COUNT among parameters, in whatever case it is written. */
export function countAmong(parameters: unknown): unknown {
  if (!isObject(parameters)) return undefined
  const found = Object.entries(parameters).find(
    ([name]) => name.toUpperCase() === 'MULTI_STATEMENT_COUNT',
  )
  return found?.[1] ?? undefined
}

/** What a session begins with: one, unless its login says another number. */
export function countAtLogin(parameters: unknown): number {
  return statementCount(countAmong(parameters)) ?? 1
}
