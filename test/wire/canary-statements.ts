/** Statements by which an agent might try to see a raw SSN, and what becomes of each. */

export interface CanaryStatement {
  readonly sql: string
  /** `error`: refused by the gateway, or failed in the warehouse. */
  readonly outcome: 'rows' | 'error'
}

/** Not one of the database's: what an agent writes into its own SQL, it knows already. */
const invented = '900-00-0000'

/** In a comment, which must not reach the warehouse. */
export const comment = 'canary-comment-5f1c'

const rows = (sql: string): CanaryStatement => ({ sql, outcome: 'rows' })
const error = (sql: string): CanaryStatement => ({ sql, outcome: 'error' })

export const canaryStatements: readonly CanaryStatement[] = [
  // As it is, under other names and in other shapes.
  rows(`SELECT ssn /* ${comment} */ FROM health.phi.patients LIMIT 100 -- ${comment}`),
  rows('SELECT * FROM health.phi.patients LIMIT 100'),
  rows('SELECT p.ssn AS city, p.* FROM health.phi.patients p LIMIT 50'),
  rows(
    "SELECT REVERSE(ssn), REPLACE(ssn, '-', ''), LEFT(ssn, 6) FROM health.phi.patients LIMIT 50",
  ),
  rows(
    'SELECT BASE64_ENCODE(ssn), HEX_ENCODE(ssn), MD5(ssn), SHA2(ssn, 256) FROM health.phi.patients LIMIT 50',
  ),
  rows("SELECT OBJECT_CONSTRUCT('s', ssn), ARRAY_CONSTRUCT(ssn) FROM health.phi.patients LIMIT 50"),
  rows("SELECT CASE WHEN id > 0 THEN ssn ELSE 'x' END AS c FROM health.phi.patients LIMIT 50"),
  rows('SELECT (SELECT ssn FROM health.phi.patients WHERE id = 3) AS s'),
  // Through something else.
  rows('WITH p AS (SELECT id, ssn AS s FROM health.phi.patients) SELECT s FROM p LIMIT 50'),
  rows(
    'SELECT v.visit_id, p.ssn FROM health.phi.visits v JOIN health.phi.patients p ON p.id = v.patient_id LIMIT 50',
  ),
  rows("SELECT 'x' AS s UNION ALL SELECT ssn FROM health.phi.patients LIMIT 50"),
  rows('SELECT * FROM health.phi.patient_directory LIMIT 100'),
  rows('SELECT d.s FROM (SELECT ssn AS s FROM health.phi.patient_directory) d LIMIT 50'),
  // All of it, in chunks.
  rows('SELECT id, name, ssn, dob, city, email, notes, profile FROM health.phi.patients'),
  rows(
    'SELECT v.visit_id, p.ssn FROM health.phi.patients p JOIN health.phi.visits v ON v.patient_id = p.id',
  ),
  // By an error that quotes the value.
  error('SELECT ssn::INT FROM health.phi.patients'),
  error('SELECT TO_DATE(ssn) FROM health.phi.patients'),
  error('SELECT TO_NUMBER(s) FROM (SELECT ssn AS s FROM health.phi.patient_directory)'),
  error('SELECT PARSE_JSON(ssn) FROM health.phi.patients'),
  error('SELECT 1 / (LENGTH(ssn) - 11) FROM health.phi.patients'),
  // By a question about it.
  error(`SELECT id FROM health.phi.patients WHERE ssn = '${invented}'`),
  error('SELECT ssn, COUNT(*) FROM health.phi.patients GROUP BY ssn'),
  error('SELECT id FROM health.phi.patients ORDER BY ssn LIMIT 5'),
  error('SELECT MAX(ssn) FROM health.phi.patients'),
  error('SELECT a.id FROM health.phi.patients a JOIN health.phi.patients b ON a.ssn = b.ssn'),
  // By a place to keep it, or by what the warehouse remembers.
  error('CREATE TABLE analytics.public.copy AS SELECT ssn FROM health.phi.patients'),
  rows('SELECT * FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()))'),
  error("SELECT GET_DDL('VIEW', 'HEALTH.PHI.PATIENT_DIRECTORY')"),
  // About the tables.
  rows('SHOW TABLES IN SCHEMA health.phi'),
  rows('SHOW COLUMNS IN TABLE health.phi.patients'),
  rows('DESCRIBE TABLE health.phi.patients'),
  rows(
    "SELECT table_name, column_name FROM health.information_schema.columns WHERE table_schema = 'PHI'",
  ),
  rows('SELECT table_name FROM health.information_schema.views'),
]
