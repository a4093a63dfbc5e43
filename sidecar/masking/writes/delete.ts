/** DELETE. */

import type { Delete } from '../../sql/statements.ts'
import { withFrom } from '../lineage/from.ts'
import { outermost } from '../lineage/trace.ts'
import type { Writing } from './writing.ts'

export function deletion({ name, alias, using, where }: Delete, writing: Writing): void {
  if (writing.setting.harmless) return
  const own = { ...outermost, sources: [writing.source(writing.target(name), alias)] }
  writing.predicate('a WHERE predicate', where, withFrom(using, own, writing.tracer))
}
