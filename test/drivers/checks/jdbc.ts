/** What JDBC has and others do not: a prepared statement that describes, and DatabaseMetaData. */

import { all, asDirect, maskedPatients, refused, type Judge } from '../answer.ts'
import type { Check } from '../check.ts'

const prepared: readonly Check[] = [
  {
    name: 'a prepared statement is described, then run',
    item: 'describe',
    sql: 'SELECT id, ssn FROM health.phi.patients WHERE id = ?',
    operation: 'prepare',
    binds: [7],
    judge: maskedPatients(1),
  },
]

/** `sql` is the method of DatabaseMetaData and its arguments. */
const metadata = (name: string, sql: string, judge: Judge): Check => ({
  name: `DatabaseMetaData: ${name}`,
  item: 'describe',
  sql,
  operation: 'metadata',
  direct: true,
  judge,
})

export const ofJdbc: readonly Check[] = [
  ...prepared,
  metadata('tables', 'getTables HEALTH PHI %', asDirect),
  metadata('one table', 'getTables HEALTH PHI PATIENTS', asDirect),
  metadata('columns', 'getColumns HEALTH PHI PATIENTS %', asDirect),
  metadata('columns that a pattern names', 'getColumns HEALTH PHI % SSN', all(asDirect, hasSsn)),
  {
    name: 'DatabaseMetaData: tables that may not be read',
    item: 'describe',
    sql: 'getTables STAGING PUBLIC %',
    operation: 'metadata',
    judge: refused('STAGING.PUBLIC'),
  },
  metadata('primary keys', 'getPrimaryKeys HEALTH PHI PATIENTS', asDirect),
]

function hasSsn({ rows: given = [] }: Parameters<Judge>[0]): string | undefined {
  return given.some(([table, column]) => table === 'PATIENTS' && column === 'SSN')
    ? undefined
    : 'PATIENTS.SSN is not among them'
}
