/** Statements by seed: mostly queries, some writes, some that only look. */

import { condition, value, type Reach } from './expressions.ts'
import { diceOf, type Dice } from './dice.ts'
import { named, type Making } from './making.ts'
import { query } from './queries.ts'
import { scratchTable, tables } from './relations.ts'

export interface GeneratorOptions {
  readonly seed: number
  /**
   * Share of places of strict use (predicates, joins, grouping, …) in which protected columns
   * stand: small, so that most statements run; 1 where masks alone must hold.
   */
  readonly heat: number
}

/** The statement of a seed and a number, always the same. */
export function statementOf({ seed, heat }: GeneratorOptions, number: number): string {
  const dice = diceOf(Math.imul(seed, 1_000_003) + number)
  // A statement with one protected predicate in it is refused whole: most have none.
  const own = heat >= 1 || dice.chance(0.2) ? heat : 0
  const making: Making = { dice, heat: own, depth: 3, ctes: [], outer: [] }
  return dice.weighted<() => string>([
    [90, () => query(making).sql],
    [3, () => pivot(dice)],
    [5, () => write(making)],
    [2, () => look(dice)],
  ])()
}

function pivot(dice: Dice): string {
  const hot = dice.chance(0.2)
  const amount = dice.pick(hot ? ['salary', 'id'] : ['id'])
  const by = hot ? dice.pick(['ssn', 'city']) : 'city'
  if (dice.chance(0.5)) {
    return `SELECT * FROM (SELECT ${amount} AS amount, ${by} AS place FROM patients) PIVOT (SUM(amount) FOR place IN ('Graz', 'Linz'))`
  }
  const columns = hot ? 'ssn, city' : 'name, city'
  return `SELECT * FROM (SELECT id, ${columns} FROM patients) UNPIVOT (v FOR n IN (${columns}))`
}

function write(making: Making): string {
  const { dice, heat } = making
  const target = scratchTable.name
  const reach: Reach = { dice, heat, columns: scratchTable.columns, nested: null }
  const source = query({ ...making, depth: 1 }, ['number', 'text'], dice.chance(0.8)).sql
  const shape = dice.roll(6)
  if (shape === 0) return `CREATE TABLE staging.public.t_made AS ${aliased(source)}`
  if (shape === 1) return `UPDATE ${target} SET a = ${value(reach, true, 'text', 1).sql} WHERE ${condition(reach)}`
  if (shape === 2) return `DELETE FROM ${target} WHERE ${condition({ ...reach, nested: (kind) => query({ ...making, depth: 0 }, [kind], true).sql })}`
  if (shape === 3) {
    const [from, key, text] = dice.pick([['patients', 'id', 'name'], ['visits', 'visit_id', 'ward'], ['v_open', 'id', 'city'], ['patients', 'id', 'ssn']] as const)
    return `MERGE INTO ${target} t USING ${from} s ON t.id = s.${key} WHEN MATCHED THEN UPDATE SET a = s.${text} WHEN NOT MATCHED THEN INSERT (id, a) VALUES (s.${key}, s.${text})`
  }
  return `INSERT INTO ${target} (id, a) ${source}`
} // prettier-ignore

const aliased = (sql: string): string => `SELECT * FROM (${sql}) AS made (n, t)`

function look(dice: Dice): string {
  const { name, columns } = dice.pick(tables)
  const open = named(columns)
  return dice.pick([
    `DESCRIBE TABLE ${/^[\w.]+$/.test(name) ? name : 'patients'}`,
    'SHOW TABLES',
    'SHOW VIEWS IN SCHEMA health.phi',
    'SELECT table_name, column_name, data_type FROM information_schema.columns ORDER BY 1, 2',
    `SELECT COUNT(*) FROM information_schema.tables WHERE table_name LIKE '%${open.length}%'`,
  ])
}
