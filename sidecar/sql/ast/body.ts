/** Code inside a string: the bodies of functions, procedures and tasks, EXECUTE IMMEDIATE '…'. */

import type { Parsed } from '../parsed.ts'
import type { Spanned } from './names.ts'

/**
 * One string token. `code` is read from its decoded text and has tokens of its own: spans in it
 * mean nothing here, so it is no child of this node, and facts from it carry this node's span.
 */
export interface Body extends Spanned {
  readonly kind: 'Body'
  /** `SQL`, `PYTHON`, `JAVASCRIPT`, … */
  readonly language: string
  /** The statements of SQL code; undefined for other languages, which are not read. */
  readonly code: readonly Parsed[] | undefined
}
