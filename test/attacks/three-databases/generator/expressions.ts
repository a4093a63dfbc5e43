/** Values and conditions over the columns that are in reach. */

import type { Dice } from './dice.ts'
import { literal, risky, steps } from './functions.ts'
import type { Column, Kind } from './relations.ts'

export interface Value {
  readonly sql: string
  readonly kind: Kind
  readonly hot: boolean
}

export interface Reach {
  readonly dice: Dice
  /** Columns, qualified as they must be. */
  readonly columns: readonly Column[]
  /** Share of places of strict use in which a protected column may stand. */
  readonly heat: number
  /** A scalar sub-query, or a query of one column, of this kind; null where it is deep enough. */
  readonly nested: ((kind: Kind, scalar: boolean, hot: boolean) => string | null) | null
}

/** `open`: where a protected column may be shown; else it may be there in `heat` of the cases. */
export function column(reach: Reach, open: boolean, kind?: Kind): Value | undefined {
  const { dice, columns, heat } = reach
  const hotToo = open || dice.chance(heat)
  const fitting = columns.filter(
    (each) => (hotToo || !each.hot) && (kind === undefined || each.kind === kind),
  )
  if (fitting.length === 0) return undefined
  const hot = fitting.filter((each) => each.hot)
  // What is to be tried is mostly the protected ones.
  const { name, ...found } =
    hot.length > 0 && dice.chance(0.5) ? dice.pick(hot) : dice.pick(fitting)
  return { sql: name, ...found }
}

const allKinds: readonly Kind[] = ['number', 'text', 'text', 'date', 'variant']

export function value(reach: Reach, open: boolean, kind?: Kind, depth = 2): Value {
  const { dice } = reach
  const own = column(reach, open, dice.chance(0.5) ? kind : undefined)
  if (own === undefined || dice.chance(0.06)) {
    const wanted = kind ?? dice.pick(allKinds)
    return { sql: literal(wanted, dice), kind: wanted, hot: false }
  }
  let made = own
  for (let steps = dice.roll(depth + 1); steps > 0; steps -= 1) made = stepped(made, dice)
  return kind === undefined || made.kind === kind ? made : converted(made, kind, reach)
}

function stepped(made: Value, dice: Dice): Value {
  const table = dice.chance(0.04) ? risky : steps
  const { of, gives } = dice.pick(table[made.kind])
  return { sql: of(made.sql, dice), kind: gives, hot: made.hot }
}

/** Some value of the kind wanted that holds the one made. */
function converted(made: Value, kind: Kind, { dice }: Reach): Value {
  const ways = steps[made.kind].filter(({ gives }) => gives === kind)
  if (ways.length > 0) return { sql: dice.pick(ways).of(made.sql, dice), kind, hot: made.hot }
  const other = literal(kind, dice)
  return { sql: `IFF(${made.sql} IS NULL, NULL, ${other})`, kind, hot: made.hot }
}

const comparisons = ['=', '<>', '<', '>', '<=', '>=']

export function condition(reach: Reach, depth = 1): string {
  const { dice } = reach
  if (depth > 0 && dice.chance(0.3)) {
    const joint = dice.pick(['AND', 'OR'])
    return `(${condition(reach, depth - 1)} ${joint} ${condition(reach, depth - 1)})`
  }
  const kind = dice.pick<Kind>(['number', 'text', 'number', 'text', 'date'])
  const left = value(reach, false, kind, 1).sql
  const right = () => value(reach, false, kind, 0).sql
  const nested = (scalar: boolean) => reach.nested?.(kind, scalar, false)
  const shape = dice.roll(9)
  if (shape === 0) return `${left} IS ${dice.pick(['', 'NOT '])}NULL`
  if (shape === 1) return `${left} BETWEEN ${literal(kind, dice)} AND ${right()}`
  if (shape === 2) return `${left} IN (${literal(kind, dice)}, ${right()})`
  if (shape === 3) return `NOT (${left} = ${right()})`
  if (shape === 4 && kind === 'text') return `${left} LIKE ${literal(kind, dice)}`
  const inner = shape > 6 ? nested(shape === 7) : null
  if (inner !== null && inner !== undefined) {
    if (shape === 7) return `${left} ${dice.pick(comparisons)} (${inner})`
    return dice.chance(0.5) ? `${left} IN (${inner})` : `EXISTS (${inner})`
  }
  return `${left} ${dice.pick(comparisons)} ${right()}`
}

const aggregates: readonly (readonly [name: string, gives: Kind | null])[] = [
  ['COUNT', 'number'], ['MIN', null], ['MAX', null], ['COUNT(DISTINCT', 'number'], ['ANY_VALUE', null],
] // prettier-ignore

export function aggregate(reach: Reach): Value {
  const { dice } = reach
  if (dice.chance(0.3)) return { sql: 'COUNT(*)', kind: 'number', hot: false }
  const kind = dice.pick<Kind>(['number', 'number', 'text', 'date'])
  const inside = value(reach, false, kind, 1)
  if (kind === 'number' && dice.chance(0.4)) {
    return { ...inside, sql: `${dice.pick(['SUM', 'AVG'])}(${inside.sql})` }
  }
  if (kind === 'text' && dice.chance(0.2)) {
    return { ...inside, sql: `LISTAGG(${inside.sql}, ',')` }
  }
  const [name, gives] = dice.pick(aggregates)
  const opening = name.includes('(') ? ' ' : '('
  return { sql: `${name}${opening}${inside.sql})`, kind: gives ?? kind, hot: inside.hot }
}

export function windowed(reach: Reach): Value {
  const { dice } = reach
  const by = value(reach, false, 'number', 0).sql
  const partition = dice.chance(0.5) ? `PARTITION BY ${value(reach, false, 'text', 0).sql} ` : ''
  const over = `OVER (${partition}ORDER BY ${by}${dice.chance(0.3) ? ' DESC' : ''})`
  const inside = value(reach, false, undefined, 0)
  const [sql, kind] = dice.pick<readonly [string, Kind]>([
    ['ROW_NUMBER()', 'number'],
    ['RANK()', 'number'],
    [`COUNT(${inside.sql})`, 'number'],
    [`LAG(${inside.sql})`, inside.kind],
    [`FIRST_VALUE(${inside.sql})`, inside.kind],
    [`MAX(${inside.sql})`, inside.kind],
  ])
  return { sql: `${sql} ${over}`, kind, hot: inside.hot }
}
