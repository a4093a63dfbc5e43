import { randomUUID } from 'node:crypto'
import type { Key, KeyTarget } from '../engine/keys.ts'
import { completeName, relationParts } from '../sql/names.ts'
import { child, identifier, isNode, list, string, type Tree, type TreeNode } from '../sql/tree.ts'
import type { StatementContext } from './context.ts'

/** As Snowflake names a constraint that its author did not. */
const given = (): string => `SYS_CONSTRAINT_${randomUUID()}`

const kinds: readonly (readonly [word: string, kind: Key['kind']])[] = [
  ['PrimaryKey', 'PRIMARY KEY'],
  ['Unique', 'UNIQUE'],
  ['ForeignKey', 'FOREIGN KEY'],
]

/** The keys of a CREATE TABLE, of its columns and behind them. */
export function declaredKeys(
  { session }: Pick<StatementContext, 'session'>,
  body: TreeNode,
): readonly Key[] {
  const target = (references: TreeNode): KeyTarget => {
    const parts = relationParts(child(references, 'table') ?? {})
    const [database, schema, name] = completeName(parts, session)
    return { database, schema, name, columns: namesIn(references) }
  }
  const ofColumns = list(body, 'columns').flatMap((column): readonly Key[] => {
    const columns = [identifier(column, 'name') ?? '']
    const order = list(column, 'constraint_order')
    const references = list(column, 'constraints')
      .map((constraint) => child(constraint, 'References'))
      .find((found) => found !== undefined)
    return [
      ...kinds
        .filter(([word]) => order.includes(word))
        .map(([, kind]): Key => ({ kind, name: given(), columns })),
      ...(references === undefined
        ? []
        : [
            {
              kind: 'FOREIGN KEY',
              name: given(),
              columns,
              references: target(references),
            } as const,
          ]),
    ]
  })
  const ofTable = list(body, 'constraints').flatMap((constraint): readonly Key[] =>
    kinds.flatMap(([word, kind]): readonly Key[] => {
      const found = child(constraint, word)
      if (found === undefined) return []
      const key = { kind, name: identifier(found, 'name') ?? given(), columns: namesIn(found) }
      const references = child(found, 'references')
      return [references === undefined ? key : { ...key, references: target(references) }]
    }),
  )
  return [...ofColumns, ...ofTable]
}

/** Columns of a constraint, which are names or columns with an order. */
function namesIn(constraint: TreeNode): readonly string[] {
  return list(constraint, 'columns').map((column: Tree) =>
    isNode(column) ? (string(column, 'name') ?? identifier(column, 'name') ?? '') : '',
  )
}
