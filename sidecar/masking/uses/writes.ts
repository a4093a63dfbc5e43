/** Columns that a statement gives values to, or that it defines, renames or drops. */

import type { QualifiedName, Resolution, ResolvedTarget } from '../../catalog/types.ts'
import { matchesByName } from '../../policy/governed/copy.ts'
import type { Identifier, TargetName } from '../../sql/ast.ts'
import type { Parsed } from '../../sql/index.ts'
import type { Insert, Statement } from '../../sql/statements.ts'

export interface WrittenColumn {
  readonly relation: QualifiedName
  readonly column: string
}

type TargetColumn = Insert['columns'][number]

/** One list of columns that a statement names of one of its targets; null for all there are. */
interface Named {
  readonly target: TargetName | undefined
  readonly columns: readonly string[] | null
}

type Rule<S> = (statement: S) => readonly Named[]

const rules: {
  readonly [K in Statement['kind']]?: Rule<Extract<Statement, { readonly kind: K }>>
} = {
  Insert: ({ name, columns }) => [{ target: name, columns: listed(columns) }],
  MultiInsert: ({ branches }) =>
    branches.flatMap(({ into }) =>
      into.map(({ name, columns }) => ({ target: name, columns: listed(columns) })),
    ),
  Update: ({ name, assignments }) => [
    { target: name, columns: assignments.flatMap(({ column }) => named(column)) },
  ],
  // What a file calls its columns, nobody knows.
  CopyIntoTable: (statement) => [
    {
      target: statement.name,
      columns: matchesByName(statement) ? null : listed(statement.columns),
    },
  ],
  Merge: ({ name, whens }) =>
    whens.flatMap(({ action, allByName, assignments, columns }): readonly Named[] => {
      if (action === 'DELETE') return []
      if (allByName) return [{ target: name, columns: null }]
      const set = assignments.flatMap(({ column }) => named(column))
      return [{ target: name, columns: action === 'UPDATE' ? set : listed(columns) }]
    }),
  Create: ({ name, columns = [] }) => [
    { target: name, columns: columns.map((column) => column.name.value) },
  ],
  Alter: ({ name, actions }) =>
    actions.map(({ action, columns, names }) => ({
      target: name,
      // Under another name no rule would find them.
      columns:
        action === 'RENAME TO'
          ? null
          : [...columns.map((column) => column.name), ...names].map(valueOf),
    })),
  Comment: ({ name, column }) =>
    column === undefined ? [] : [{ target: name, columns: [column.value] }],
}

export function writtenColumns({
  parsed,
  resolution,
}: {
  readonly parsed: Parsed
  readonly resolution: Resolution
}): readonly WrittenColumn[] {
  const { statement } = parsed
  // The key is the statement's own kind, which the compiler cannot see.
  const rule = rules[statement.kind] as Rule<Statement> | undefined
  const found = new Map<string, WrittenColumn>()
  for (const { target, columns } of rule?.(statement) ?? []) {
    const resolved = resolution.targets.find(({ use }) => use.name === target)
    if (resolved === undefined) continue
    for (const column of columns ?? everyColumn(resolved)) {
      const use = { relation: resolved.name, column }
      found.set(JSON.stringify(use), use)
    }
  }
  return [...found.values()]
}

function everyColumn({ relation }: ResolvedTarget): readonly string[] {
  return relation?.columns.map(({ name }) => name) ?? []
}

/** Without a list INSERT means every column. */
function listed(columns: readonly TargetColumn[]): readonly string[] | null {
  return columns.length === 0 ? null : columns.flatMap(named)
}

function named(column: TargetColumn): readonly string[] {
  // A name that only run time tells is refused for itself.
  return column.kind === 'ColumnReference' ? column.parts.slice(-1).map(valueOf) : []
}

function valueOf({ value }: Identifier): string {
  return value
}
