/** A text with everything that was learnt from it. */

import type { Met } from './accounting.ts'
import type { Spelled } from './parser/parser.ts'
import type { Statement } from './statements.ts'
import type { Token } from './token.ts'

export interface Parsed<S extends Statement = Statement> extends Met {
  readonly text: string
  /** The statement's tokens, without a `;` behind it. Spans of nodes are indexes into them. */
  readonly tokens: readonly Token[]
  readonly statement: S
  /** For `emit`: which tokens are keywords, and names spelled by a literal. */
  readonly uses: Uint8Array
  readonly spelled: readonly Spelled[]
}
