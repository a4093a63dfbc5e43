/**
 * Every relation of a statement is one that the catalogue was asked for, or a WITH in scope. Facts
 * say so, too; this is a second reading of scopes, for statements that lineage need not trace.
 */

import { FrostgateError } from '../errors.ts'
import type { Query, TableReference } from '../sql/ast.ts'
import { children } from '../sql/index.ts'
import type { Node } from '../sql/index.ts'

/** Names of a WITH, innermost first. */
interface Names {
  readonly name: string
  readonly outer: Names | null
}

/** @throws FrostgateError SqlRoundTrip for a reference that is neither */
export function refuseAstray(statement: Node, known: ReadonlySet<TableReference>): void {
  visit(statement, null, known)
}

/** The parser bounds how deep nodes nest. */
function visit(node: Node, names: Names | null, known: ReadonlySet<TableReference>): void {
  if (node.kind === 'TableReference' && !known.has(node) && !isNamed(node, names)) {
    throw FrostgateError.of('SqlRoundTrip', {})
  }
  const inside = node.kind === 'Query' ? withNames(node, names, known) : names
  for (const child of children(node)) {
    if (child.kind !== 'With') visit(child, inside, known)
  }
}

function withNames(
  { with: clause }: Query,
  outer: Names | null,
  known: ReadonlySet<TableReference>,
): Names | null {
  let names = outer
  for (const { name, query } of clause?.ctes ?? []) {
    const own: Names = { name: name.value, outer: names }
    visit(query, clause?.recursive === true ? own : names, known)
    names = own
  }
  return names
}

function isNamed({ name: { parts } }: TableReference, names: Names | null): boolean {
  const [only, ...more] = parts
  for (let at = names; at !== null && more.length === 0; at = at.outer) {
    if (at.name === only?.value) return true
  }
  return false
}
