/** Listed statements, changed a little: what is refused in one spelling must be so in another. */

import { diceOf, type Dice } from './dice.ts'

/** A change gives null where it does not apply. */
type Change = (sql: string, dice: Dice) => string | null

const isQuery = (sql: string): boolean => /^\s*(?:SELECT|WITH|\()/i.test(sql)

const other = ['ssn', 'email', 'dob', 'salary', 'city', 'id', 'name', '"SSN"', 'p.ssn']
const relations = [
  'patients',
  'v_plain',
  'v_renamed',
  'v_star',
  'public.patients',
  'visits',
  'charts',
]

/** Replaces one of the matches, by chance. */
function replaceOne(sql: string, pattern: RegExp, by: string, dice: Dice): string | null {
  const matches = [...sql.matchAll(pattern)]
  if (matches.length === 0) return null
  const { index, 0: found } = dice.pick(matches)
  return `${sql.slice(0, index)}${by}${sql.slice(index + found.length)}`
}

const changes: readonly Change[] = [
  (sql, dice) =>
    replaceOne(sql, /\b(?:ssn|city|name|id|fee|email)\b/gi, dice.pick(other), dice),
  (sql, dice) => replaceOne(sql, /(?<=\b(?:FROM|JOIN) )\w+\b/gi, dice.pick(relations), dice),
  (sql) => (isQuery(sql) ? `SELECT * FROM (${sql}) AS inside` : null),
  (sql) => (isQuery(sql) ? `WITH patients AS (${sql}) SELECT * FROM patients` : null),
  (sql) => (isQuery(sql) ? `WITH w AS (${sql}) SELECT COUNT(*) FROM w` : null),
  (sql) => (isQuery(sql) ? `SELECT id FROM patients WHERE EXISTS (${sql})` : null),
  (sql) => (isQuery(sql) ? `(${sql}) UNION ALL (${sql})` : null),
  (sql) => (isQuery(sql) ? `SELECT 1 AS one, inside.* FROM visits v, LATERAL (${sql}) AS inside` : null),
  (sql) => (isQuery(sql) ? `CREATE TABLE staging.public.t_copy AS ${sql}` : null),
  (sql) => (isQuery(sql) ? `INSERT INTO staging.public.scratch (a) ${sql}` : null),
  (sql, dice) => replaceOne(sql, /^SELECT\b/gi, 'SELECT DISTINCT', dice),
  (sql, dice) => replaceOne(sql, /\bSELECT\b(?! DISTINCT)/gi, 'SELECT ssn AS first_of_all,', dice),
  (sql, dice) => replaceOne(sql, /\bWHERE\b/gi, "WHERE ssn LIKE '9%' AND", dice),
  (sql) => (isQuery(sql) && !/\b(?:ORDER|LIMIT)\b/i.test(sql) ? `${sql} ORDER BY 1 LIMIT 3` : null),
  (sql) => (isQuery(sql) && !/\b(?:ORDER|LIMIT)\b/i.test(sql) ? `${sql} ORDER BY ssn` : null),
  (sql) => sql.replace(/\s+/g, ' /* */ '),
  (sql) => sql.replace(/\b[a-z]{3,}\b/g, (word) => `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`),
  (sql, dice) => replaceOne(sql, /\bpatients\b(?! AS)/gi, '"HEALTH".phi."PATIENTS"', dice),
  (sql, dice) => replaceOne(sql, /\bpatients\b/gi, '(SELECT * FROM patients)', dice),
] // prettier-ignore

/** One or two changes; the same for the same seed and number. */
export function mutationOf(sql: string, seed: number, number: number): string {
  const dice = diceOf(Math.imul(seed, 7_919) + number)
  let changed = sql.trim()
  for (let left = 1 + dice.roll(2); left > 0; left -= 1) {
    changed = dice.pick(changes)(changed, dice) ?? changed
  }
  return changed
}
