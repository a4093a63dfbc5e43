/** A statement's kind and class, as policy rules name them. */

import type { StatementFacts } from './facts-types.ts'
import { headClass } from './parser/head-verbs.ts'
import type { Statement } from './statements.ts'

export function classify(statement: Statement): Pick<StatementFacts, 'kind' | 'class'> {
  switch (statement.kind) {
    case 'QueryStatement':
      return { kind: 'Select', class: 'Query' }
    case 'Use':
    case 'AlterSession':
      return { kind: statement.kind, class: 'Session' }
    case 'Transaction':
      return { kind: pascal(statement.action), class: 'Transaction' }
    case 'Show':
      return { kind: `Show${pascal(statement.objects)}`, class: 'Meta' }
    case 'Describe':
      return { kind: `Describe${pascal(statement.object)}`, class: 'Meta' }
    case 'HeadStatement':
      return {
        kind: pascal(`${statement.verb} ${statement.objectClass ?? ''}`),
        class: headClass(statement.verb, statement.toLocation),
      }
  }
}

/** `DROP TABLE` → `DropTable`. */
function pascal(words: string): string {
  return words
    .trim()
    .split(/[\s_]+/)
    .map((word) => word.charAt(0) + word.slice(1).toLowerCase())
    .join('')
}
