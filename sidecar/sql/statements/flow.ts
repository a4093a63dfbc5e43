/**
 * `stmt ->> stmt`: each link reads the results of those before it as `$1` (the last), `$2`, …
 * https://docs.snowflake.com/en/sql-reference/operators-flow
 */

import type { Spanned } from '../ast.ts'
import { define } from './definition.ts'
import type { StatementNode } from './definition.ts'

export interface Flow extends Spanned {
  readonly kind: 'Flow'
  /** Two or more. */
  readonly links: readonly StatementNode[]
}

/** No words begin it: any statement does, so that it is read beside `link` in the parser. */
export const flow = define<Flow>({
  kind: 'Flow',
  starts: [],
  parse: (p) => p.fail('a statement'),
  children: ['links'],
  classify: { kind: 'Flow', class: 'Script' },
})
