/** What the families of statements share in telling why one of them is not governed. */

import { walk } from '../../sql/index.ts'
import type { Node } from '../../sql/index.ts'
import type { Statement } from '../../sql/statements.ts'

/** In words, what cannot be judged in a statement; undefined where there is nothing of the kind. */
export type Obstacle<S> = (statement: S) => string | undefined

/** Of some kinds of statements. */
export type Obstacles = {
  readonly [K in Statement['kind']]?: Obstacle<Extract<Statement, { readonly kind: K }>>
}

/** In any query inside `node`. */
export function inQueries(node: Node): string | undefined {
  let found: string | undefined
  walk(node, {
    // Only a script has variables to put rows into.
    Select: ({ into }) => {
      if (into.length > 0) found = 'SELECT … INTO'
      return undefined
    },
    // Which tables a semantic view reads is not known here.
    SemanticView: () => {
      found = 'SELECT … FROM SEMANTIC_VIEW(…)'
      return undefined
    },
    // Which rows reach the function, and as what, is not traced.
    TableArgument: () => {
      found = 'f(TABLE(…))'
      return undefined
    },
  })
  return found
}
