/** Tables in the syntax tree of any of the oracles. A name is a CTE only where it is in scope. */

export type Fields = Readonly<Record<string, unknown>>

/** A table's name as the oracle has it, by its parts. */
export type TableName = readonly string[]

export interface CommonTable {
  readonly name: string
  readonly body: unknown
}

/** How one oracle's tree says what is asked of it. */
export interface Shape {
  /** The common table expressions that a node defines, and the field that holds them. */
  readonly with: (node: Fields) => WithClause | undefined
  /** The tables that a node itself names: not those further inside. */
  readonly tables: (node: Fields) => readonly TableName[]
}

export interface WithClause {
  readonly field: string
  readonly recursive: boolean
  readonly ctes: readonly CommonTable[]
}

export function fieldsOf(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Fields)
    : undefined
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

export function tablesIn(root: unknown, shape: Shape): readonly TableName[] {
  const found: TableName[] = []
  visit(root, new Set(), shape, found)
  return found
}

function visit(value: unknown, ctes: ReadonlySet<string>, shape: Shape, found: TableName[]): void {
  for (const item of listOf(value)) visit(item, ctes, shape, found)
  const node = fieldsOf(value)
  if (node === undefined) return
  const clause = shape.with(node)
  const inner = clause === undefined ? ctes : visitCtes(clause, ctes, shape, found)
  for (const name of shape.tables(node)) {
    const [only, ...rest] = name
    const isCte = rest.length === 0 && inner.has(only?.toLowerCase() ?? '')
    // A stage in FROM has a stage's name: those are compared elsewhere.
    if (!isCte && only?.startsWith('@') === false) found.push(name)
  }
  for (const [field, child] of Object.entries(node)) {
    if (field !== clause?.field) visit(child, inner, shape, found)
  }
}

/** Each sees those before it, and itself under RECURSIVE; the statement around sees all. */
function visitCtes(
  { ctes, recursive }: WithClause,
  outer: ReadonlySet<string>,
  shape: Shape,
  found: TableName[],
): ReadonlySet<string> {
  const visible = new Set(outer)
  for (const { name, body } of ctes) {
    const folded = name.toLowerCase()
    visit(body, recursive ? new Set([...visible, folded]) : visible, shape, found)
    visible.add(folded)
  }
  return visible
}
