/** SET of session variables. */

import type { SetVariables } from '../../sql/statements.ts'
import type { Writing } from './writing.ts'

/** A variable outlives the statement, and comes back in others where no mask is. */
export function setVariables({ value }: SetVariables, writing: Writing): void {
  writing.keep(value)
}
