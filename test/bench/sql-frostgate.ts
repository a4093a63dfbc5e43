/** Our reader, alone, so that its memory can be measured without the others'. */

import { factsOf, parseStatement } from '../../sidecar/sql/index.ts'

/** Text to facts. Throws where it does not read the text as structured SQL. */
export function readOurs(sql: string): void {
  const { structured } = factsOf(parseStatement(sql).statement)
  if (!structured) throw new Error('only its head is read')
}
