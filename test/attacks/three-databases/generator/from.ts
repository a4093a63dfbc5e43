/** FROM: relations, CTEs, derived tables, joins, FLATTEN, VALUES. */

import type { Dice } from './dice.ts'
import { condition, type Reach } from './expressions.ts'
import { deeper, named, type Made, type Making } from './making.ts'
import { tables, type Column, type Kind, type Relation } from './relations.ts'

export interface Source {
  /** By which its columns are qualified. */
  readonly qualifier: string
  /** Not qualified. */
  readonly columns: readonly Column[]
}

export interface From {
  readonly sql: string
  readonly sources: readonly Source[]
  /** Qualified where they must be, or by chance. */
  readonly columns: readonly Column[]
  /** Conditions that join what stands side by side. */
  readonly where: readonly string[]
}

type Query = (making: Making, kinds?: readonly Kind[], cold?: boolean) => Made

interface Item extends Source {
  readonly sql: string
}

const names = ['a', 'b', 'c', 'p', 'v', '"Q"', 'patients', 'visits']

export function fromClause(making: Making, query: Query): From {
  const { dice } = making
  const items: Item[] = [item(making, query, 0)]
  const where: string[] = []
  let sql = items[0]?.sql ?? ''
  while (items.length < 3 && dice.chance(items.length === 1 ? 0.35 : 0.15)) {
    const next = item(making, query, items.length)
    if (items.some(({ qualifier }) => qualifier.toUpperCase() === next.qualifier.toUpperCase())) break
    const both = qualified([...items, next])
    const joined = join(dice, reachOf(making, both), items, next)
    sql += joined.sql
    where.push(...joined.where)
    items.push(next)
  }
  const lateral = dice.chance(0.05) ? flatten(dice, items) : null
  if (lateral !== null) {
    sql += lateral.sql
    items.push(lateral)
  }
  const several = items.length > 1
  const columns = several || dice.chance(0.4) ? qualified(items) : items.flatMap((each) => usable(each.columns))
  return { sql, sources: items, columns, where }
} // prettier-ignore

const reachOf = ({ dice, heat }: Making, columns: readonly Column[]): Reach => ({
  dice, heat, columns, nested: null,
}) // prettier-ignore

const usable = (columns: readonly Column[]): readonly Column[] =>
  columns.filter(({ name }) => !name.startsWith('\u0000'))

const qualified = (items: readonly Source[]): readonly Column[] =>
  items.flatMap(({ qualifier, columns }) =>
    usable(columns).map((each) => ({ ...each, name: `${qualifier}.${each.name}` })),
  )

function item(making: Making, query: Query, index: number): Item {
  const { dice, depth, ctes } = making
  const cte = ctes.length > 0 && dice.chance(0.6) ? dice.pick(ctes) : undefined
  if (cte !== undefined) return relationItem(dice, { ...cte, columns: named(cte.columns) }, index)
  if (depth > 0 && dice.chance(0.16)) {
    const made = query({ ...deeper(making), outer: [] })
    const qualifier = `q${index}`
    const columns = named(made.columns)
    const renamed = dice.chance(0.15)
    const list = renamed ? ` (${columns.map((_, at) => `d${at}`).join(', ')})` : ''
    return {
      sql: `(${made.sql}) AS ${qualifier}${list}`,
      qualifier,
      columns: renamed ? columns.map((each, at) => ({ ...each, name: `d${at}` })) : columns,
    }
  }
  if (dice.chance(0.03)) {
    const columns: readonly Column[] = [
      { name: 'column1', kind: 'number', hot: false },
      { name: 'column2', kind: 'text', hot: false },
    ]
    return { sql: "(VALUES (1, 'Graz'), (2, 'Wels')) AS vals", qualifier: 'vals', columns }
  }
  return relationItem(dice, dice.pick(tables), index)
}

function relationItem(dice: Dice, { name, columns }: Relation, index: number): Item {
  const called = name.startsWith('IDENTIFIER')
  if (!called && dice.chance(0.3)) return { sql: name, qualifier: lastPart(name), columns }
  const alias = dice.chance(0.7) ? `t${index}` : dice.pick(names)
  if (dice.chance(0.06)) {
    const renamed = columns.map((each, at) => ({ ...each, name: `k${at}` }))
    return { sql: `${name} AS ${alias} (${renamed.map((each) => each.name).join(', ')})`, qualifier: alias, columns: renamed }
  }
  const sample = dice.chance(0.02) ? ' SAMPLE (100)' : ''
  return { sql: `${name} ${dice.pick(['', 'AS '])}${alias}${sample}`, qualifier: alias, columns }
} // prettier-ignore

const lastPart = (name: string): string => /("(?:[^"]|"")+"|\w+)$/.exec(name)?.[1] ?? name

function join(
  dice: Dice,
  reach: Reach,
  left: readonly Item[],
  right: Item,
): { readonly sql: string; readonly where: readonly string[] } {
  const shape = dice.roll(10)
  if (shape === 0) return { sql: ` CROSS JOIN ${right.sql}`, where: [] }
  const shared = usable(right.columns).filter((each) =>
    left.every((item) => item.columns.some(({ name, kind }) => name === each.name && kind === each.kind)),
  )
  const common = shared.filter(({ hot }) => !hot || dice.chance(reach.heat))
  if (shape === 1 && common.length > 0) return { sql: ` JOIN ${right.sql} USING (${dice.pick(common).name})`, where: [] }
  if (shape === 2 && dice.chance(0.2)) return { sql: ` NATURAL JOIN ${right.sql}`, where: [] }
  const on = keys(dice, reach, left, right)
  if (shape === 3) return { sql: `, ${right.sql}`, where: [on] }
  const type = dice.pick(['JOIN', 'LEFT JOIN', 'INNER JOIN', 'FULL OUTER JOIN', 'RIGHT JOIN'])
  return { sql: ` ${type} ${right.sql} ON ${on}`, where: [] }
} // prettier-ignore

function keys(dice: Dice, reach: Reach, left: readonly Item[], right: Item): string {
  const numbers = (items: readonly Source[]) =>
    qualified(items).filter(({ kind, hot }) => kind === 'number' && (!hot || dice.chance(reach.heat)))
  const ours = numbers(left)
  const theirs = numbers([right])
  if (ours.length === 0 || theirs.length === 0 || dice.chance(0.08)) return condition(reach, 0)
  return `${dice.pick(ours).name} = ${dice.pick(theirs).name}`
} // prettier-ignore

function flatten(dice: Dice, items: readonly Item[]): Item | null {
  const documents = qualified(items).filter(({ kind, hot }) => kind === 'variant' && (!hot || dice.chance(0.2)))
  if (documents.length === 0) return null
  const { name, hot } = dice.pick(documents)
  return {
    sql: `, LATERAL FLATTEN(INPUT => ${name}:tags) f`,
    qualifier: 'f',
    columns: [
      { name: 'value', kind: 'variant', hot },
      { name: 'index', kind: 'number', hot },
    ],
  }
} // prettier-ignore
