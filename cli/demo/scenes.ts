/** What the demo shows, and what each scene must give. Pure: answers and facts in, complaints out. */

import type { AgentAnswer } from './agent.ts'
import type { Verdict } from './steward.ts'

/** What is true in the warehouse, read there directly. */
export interface Truth {
  /** SSN by patient id. */
  readonly ssns: ReadonlyMap<string, string>
  readonly orders: number
}

export interface Scene {
  readonly title: string
  readonly sql: string
  /** What the steward says to it, where it waits for one. */
  readonly steward?: Verdict
  /** Why the answer is not as promised; undefined if it is. */
  readonly judge: (answer: AgentAnswer, truth: Truth) => string | undefined
}

export const scenes: readonly Scene[] = [
  {
    title: 'Patients, with their SSN masked',
    sql: 'SELECT id, name, ssn FROM health.phi.patients ORDER BY id LIMIT 3',
    judge: masked('SSN'),
  },
  {
    title: 'Masked under another name',
    sql: 'SELECT id, p.ssn AS city FROM health.phi.patients p ORDER BY id LIMIT 3',
    judge: masked('CITY'),
  },
  {
    title: 'Masked through a common table expression',
    sql: 'WITH people AS (SELECT id, ssn AS s FROM health.phi.patients) SELECT id, s FROM people ORDER BY id LIMIT 3',
    judge: masked('S'),
  },
  {
    title: 'Masked in a join',
    sql: 'SELECT p.id, p.ssn, v.fee FROM health.phi.patients p JOIN health.phi.visits v ON v.patient_id = p.id ORDER BY v.visit_id LIMIT 3',
    judge: masked('SSN'),
  },
  {
    title: 'Masked in the second arm of a UNION ALL',
    sql: 'SELECT 0 AS id, NULL AS x UNION ALL SELECT id, ssn FROM health.phi.patients WHERE id <= 3 ORDER BY id LIMIT 4',
    judge: masked('X'),
  },
  {
    title: 'Masked through a view',
    sql: 'SELECT id, ssn FROM health.phi.patient_directory ORDER BY id LIMIT 3',
    judge: masked('SSN'),
  },
  {
    title: 'A filter on a masked column is refused, with a way out',
    sql: "SELECT name FROM health.phi.patients WHERE ssn = '900-12-3456'",
    judge: refused('HEALTH.PHI.PATIENTS.SSN', 'WHERE', 'ID'),
  },
  {
    title: 'DROP TABLE is refused, with the rule and its advice',
    sql: 'DROP TABLE health.phi.patients',
    judge: refused('"never"', 'Ask #data-platform'),
  },
  {
    title: 'Diagnoses wait for a steward; once approved, the same call returns its rows, masked',
    sql: 'SELECT p.id, p.ssn, v.diagnosis FROM health.phi.patients p JOIN health.phi.visits v ON v.patient_id = p.id ORDER BY v.visit_id LIMIT 3',
    steward: { verdict: 'Approve', reason: 'For the study of this quarter.' },
    judge: masked('SSN'),
  },
  {
    title: 'Denied by the steward, who says why to the agent',
    sql: "SELECT patient_id FROM health.phi.visits WHERE diagnosis LIKE 'F%'",
    steward: { verdict: 'Deny', reason: 'Count by diagnosis; nobody is to be singled out.' },
    judge: refused('demo-steward', 'nobody is to be singled out'),
  },
  {
    title: 'A function that is not on the list is refused',
    sql: 'SELECT SYSTEM$WAIT(5), name FROM health.phi.patients',
    judge: refused('SYSTEM$WAIT'),
  },
  {
    title: 'SQL that cannot be read to the end is refused',
    sql: 'SELECT name FROM health.phi.patients FOR THE RECORD',
    judge: refused('Line 1, column'),
  },
  {
    title: 'A big result, in chunks',
    sql: 'SELECT order_id, amount, status FROM analytics.public.orders',
    judge: ({ total, error }, truth) => {
      if (error) return `it failed: ${error.message}`
      return total === truth.orders ? undefined : `${total ?? 0} rows came of ${truth.orders}`
    },
  },
]

/** Each value is the mask of the patient's own SSN, and none is the SSN. */
function masked(column: string): Scene['judge'] {
  return ({ rows, error }, { ssns }) => {
    if (error) return `it failed: ${error.message}`
    const patients = rows?.filter((row) => row['ID'] !== 0) ?? []
    if (patients.length === 0) return 'no rows came'
    for (const row of patients) {
      const ssn = ssns.get(String(row['ID']))
      const shown = row[column] ?? null
      const expected = ssn === undefined ? null : `${'*'.repeat(ssn.length - 4)}${ssn.slice(-4)}`
      if (shown !== expected)
        return `patient ${String(row['ID'])} shows ${JSON.stringify(shown)}, not ${JSON.stringify(expected)}`
    }
    return undefined
  }
}

function refused(...words: readonly string[]): Scene['judge'] {
  return ({ error }) => {
    if (!error) return 'it ran'
    const missing = words.find((word) => !error.message.includes(word))
    return missing === undefined
      ? undefined
      : `the message does not say ${missing}: ${error.message}`
  }
}
