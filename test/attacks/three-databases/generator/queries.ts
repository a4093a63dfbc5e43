/** Queries: what a FROM clause may hold, a block, set operations, WITH. */

import type { Dice } from './dice.ts'
import {
  aggregate,
  column,
  condition,
  value,
  windowed,
  type Reach,
  type Value,
} from './expressions.ts'
import { fromClause, type Source } from './from.ts'
import { deeper, named, type Made, type Making } from './making.ts'
import type { Column, Kind, Relation } from './relations.ts'

/** Of these kinds, if any are given. `cold`: without protected columns, as far as `heat` wants it. */
export function query(making: Making, kinds?: readonly Kind[], cold = false): Made {
  const { dice, depth } = making
  if (depth > 0 && dice.chance(0.15)) return withQuery(making, kinds, cold)
  if (depth > 0 && dice.chance(0.14)) return setOperation(making, kinds, cold)
  return block(making, kinds, cold)
}

const cteNames = [
  'w',
  'patients',
  'visits',
  'charts',
  '"patients"',
  'v_plain',
  'guesses',
  'PATIENTS',
]

function withQuery(making: Making, kinds: readonly Kind[] | undefined, cold: boolean): Made {
  const { dice } = making
  const ctes: Relation[] = []
  const written: string[] = []
  for (let left = 1 + dice.roll(2); left > 0; left -= 1) {
    const name = dice.pick(cteNames)
    if (ctes.some((cte) => cte.name === name)) continue
    const body = query({ ...deeper(making), ctes: [...making.ctes, ...ctes], outer: [] })
    const renamed = dice.chance(0.25)
    const columns = named(body.columns).map((each, index) => renamed ? { ...each, name: `c${index}` } : each)
    const list = renamed ? ` (${columns.map((each) => each.name).join(', ')})` : ''
    written.push(`${name}${list} AS (${body.sql})`)
    ctes.push({ name, columns })
  }
  const inner = { ...deeper(making), ctes: [...making.ctes, ...ctes] }
  const made = dice.chance(0.2) ? setOperation(inner, kinds, cold) : block(inner, kinds, cold)
  return { sql: `WITH ${written.join(', ')} ${made.sql}`, columns: made.columns }
} // prettier-ignore

function setOperation(making: Making, kinds: readonly Kind[] | undefined, cold: boolean): Made {
  const { dice } = making
  const operator = dice.pick(['UNION ALL', 'UNION ALL', 'UNION ALL', 'UNION', 'INTERSECT', 'EXCEPT'])
  const inside = { ...deeper(making), outer: [] }
  const strict = cold || operator !== 'UNION ALL'
  const left = block(inside, kinds ?? [dice.pick<Kind>(['number', 'text']), 'text'], strict)
  const right = block(inside, left.columns.map(({ kind }) => kind), strict)
  const sql = dice.chance(0.3) ? `(${left.sql}) ${operator} (${right.sql})` : `${unlimited(left.sql)} ${operator} ${unlimited(right.sql)}`
  const columns = left.columns.map((each, index) => ({ ...each, hot: each.hot || right.columns[index]?.hot === true }))
  return { sql, columns }
} // prettier-ignore

/** An arm without parentheses may not be ordered or limited. */
const unlimited = (sql: string): string => sql.replace(/ (?:ORDER BY [^()]*|LIMIT \d+)+$/, '')

function block(making: Making, kinds: readonly Kind[] | undefined, cold: boolean): Made {
  const { dice } = making
  const from = fromClause(making, query)
  const reach = reachOf(making, from.columns)
  const grouped = dice.chance(0.16)
  const distinct = !grouped && dice.chance(0.05)
  const list = grouped
    ? groupedList(reach, kinds)
    : selectList(reach, from.sources, kinds, cold || distinct)
  const where = [...from.where, ...(dice.chance(0.45) ? [condition(reach)] : [])]
  const sql = [
    `SELECT ${distinct ? 'DISTINCT ' : ''}${list.sql}`,
    ` FROM ${from.sql}`,
    where.length > 0 ? ` WHERE ${where.join(' AND ')}` : '',
    list.groupBy,
    !grouped && dice.chance(0.05) ? ` QUALIFY ${windowed(reach).sql} ${dice.pick(['= 1', '> 1', 'IS NOT NULL'])}` : '',
    ordering(reach, grouped || distinct),
  ].join('') // prettier-ignore
  return { sql, columns: list.columns }
}

function ordering(reach: Reach, byPosition: boolean): string {
  const { dice } = reach
  if (!dice.chance(0.3)) return dice.chance(0.1) ? ` LIMIT ${1 + dice.roll(6)}` : ''
  const found = column(reach, false)
  const by = byPosition || found === undefined ? '1' : found.sql
  return ` ORDER BY ${by}${dice.pick(['', ' DESC'])}${dice.chance(0.4) ? ` LIMIT ${1 + dice.roll(6)}` : ''}`
}

function reachOf(making: Making, columns: readonly Column[]): Reach {
  const { dice, heat, depth } = making
  return {
    dice,
    heat,
    columns: [...columns, ...(dice.chance(0.4) ? making.outer : [])],
    nested:
      depth <= 0
        ? null
        : (kind, scalar, hot) => {
            const inside = { ...deeper(making), outer: [...making.outer, ...columns] }
            const made = block({ ...inside, heat: hot ? 1 : heat }, [kind], !hot)
            if (!scalar) return made.sql
            const bare = made.sql.replace(/ LIMIT \d+$/, '')
            return `${bare} LIMIT 1`
          },
  }
}

interface List extends Made {
  readonly groupBy: string
}

function groupedList(reach: Reach, kinds: readonly Kind[] | undefined): List {
  const { dice } = reach
  const wanted = kinds ?? [dice.pick<Kind>(['text', 'number']), 'number']
  const items = wanted.map((kind, index): Value =>
    index === 0 && wanted.length > 1
      ? value(reach, false, kind, 1)
      : wrapped(aggregate(reach), kind),
  )
  const keys = items.length > 1 ? ' GROUP BY 1' : ''
  const having = dice.chance(0.25) ? ` HAVING ${aggregate(reach).sql} IS NOT NULL` : ''
  return { ...listed(items, dice), groupBy: `${keys}${having}` }
}

const wrapped = (made: Value, kind: Kind): Value =>
  made.kind === kind
    ? made
    : kind === 'text'
      ? { ...made, sql: `TO_VARCHAR(${made.sql})`, kind }
      : { sql: 'COUNT(*)', kind: 'number', hot: false }

function selectList(reach: Reach, sources: readonly Source[], kinds: readonly Kind[] | undefined, cold: boolean): List {
  const { dice } = reach
  if (kinds === undefined && dice.chance(0.15)) return { ...star(dice, sources, reach), groupBy: '' }
  const wanted: readonly (Kind | undefined)[] = kinds ?? Array.from({ length: 1 + dice.roll(4) }, () => undefined)
  const items = wanted.map((kind): Value => {
    if (kind === undefined && dice.chance(0.06)) return windowed(reach)
    const nested = dice.chance(0.06) ? reach.nested?.(kind ?? 'text', true, !cold) : null
    if (nested !== null && nested !== undefined) return { sql: `(${nested})`, kind: kind ?? 'text', hot: true }
    return value(reach, !cold, kind)
  })
  return { ...listed(items, dice), groupBy: '' }
} // prettier-ignore

const aliases = ['x', 'y', 'city', 'ssn', 'id', '"odd name"', 'name', '"Ω"']

/** Items with aliases, without, with the same ones twice, with the names of other columns. */
function listed(items: readonly Value[], dice: Dice): Made {
  const columns: Column[] = []
  const written: string[] = []
  for (const { sql, kind, hot } of items) {
    const earlier = columns.at(-1)
    // An alias of this list, used by what follows it.
    const lateral = earlier?.kind === kind && !earlier.hot && dice.chance(0.08) && /^\w+$/.test(earlier.name)
    const text = lateral ? `COALESCE(${sql}, ${earlier.name})` : sql
    const alias = dice.chance(0.7) ? dice.pick(aliases) : null
    written.push(alias === null ? text : `${text} AS ${alias}`)
    columns.push({ name: alias ?? bareName(sql), kind, hot: hot || (lateral && earlier.hot) })
  }
  return { sql: written.join(', '), columns }
} // prettier-ignore

/** The name that an unaliased column has; of anything else none that is relied on. */
const bareName = (sql: string): string => /(?:^|\.)(\w+|"(?:[^"]|"")+")$/.exec(sql)?.[1] ?? ''

function star(dice: Dice, sources: readonly Source[], reach: Reach): Made {
  const [first] = sources
  const simple = sources.length === 1 && first !== undefined
  const names = simple ? first.columns.map(({ name }) => name) : []
  const one = names.length > 0 ? dice.pick(names) : ''
  const other = names.length > 0 ? dice.pick(names) : ''
  const columns = sources.flatMap((source) => source.columns)
  const shape = dice.roll(simple ? 6 : 2)
  if (shape === 0) return { sql: '*', columns }
  if (shape === 1 && first !== undefined) return { sql: `${first.qualifier}.*`, columns: first.columns }
  if (shape === 2) return { sql: `* EXCLUDE (${one})`, columns: columns.filter(({ name }) => name !== one) }
  if (shape === 3) return { sql: `* RENAME (${one} AS renamed)`, columns: columns.map((each) => each.name === one ? { ...each, name: 'renamed' } : each) }
  if (shape === 4 && one !== '') return { sql: `* REPLACE (${other} AS ${one})`, columns: columns.map((each) => each.name === one ? { ...each, ...kindOf(columns, other), name: one } : each) }
  const item = value(reach, true)
  return { sql: `*, ${item.sql} AS more`, columns: [...columns, { name: 'more', kind: item.kind, hot: item.hot }] }
} // prettier-ignore

const kindOf = (columns: readonly Column[], name: string): Partial<Column> =>
  columns.find((each) => each.name === name) ?? {}
