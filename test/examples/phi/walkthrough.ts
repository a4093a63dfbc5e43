/** What examples/phi promises, as statements of an agent and what must become of each. */

export interface Step {
  readonly says: string
  readonly sql: string
  /** The name of the refusal; undefined where it runs. */
  readonly refused?: string
  /** What the refusal tells, or what the answer holds. */
  readonly shows?: readonly (string | RegExp)[]
  /** What the recording calls it. */
  readonly verdict: 'allow' | 'deny' | 'hold'
}

export const walkthrough: readonly Step[] = [
  {
    says: 'an SSN is masked, and so are e-mail address and date of birth',
    sql: 'SELECT id, name, ssn, email, dob FROM health.phi.patients ORDER BY id LIMIT 5',
    verdict: 'allow',
    shows: [/\*{7}\d{4}/, '***@example.org'],
  },
  {
    says: 'a view shows the same mask',
    sql: 'SELECT ssn FROM health.phi.patient_directory ORDER BY id LIMIT 5',
    verdict: 'allow',
    shows: [/\*{7}\d{4}/],
  },
  {
    says: 'cohorts are counted on the masked date of birth',
    sql: 'SELECT YEAR(dob) AS born, COUNT(*) AS n FROM health.phi.patients GROUP BY 1 ORDER BY 1',
    verdict: 'allow',
  },
  {
    says: 'a filter on the SSN is refused, with a way out',
    sql: "SELECT name FROM health.phi.patients WHERE ssn LIKE '9%'",
    verdict: 'deny',
    refused: 'ColumnUseRefused',
    shows: ['HEALTH.PHI.PATIENTS.SSN', 'PATIENTS.ID'],
  },
  {
    says: 'clinical notes need a steward',
    sql: 'SELECT id, notes FROM health.phi.patients WHERE id = 3',
    verdict: 'hold',
    refused: 'ApprovalRequired',
    shows: ['clinical-columns', 'data-stewards', /Request [0-9a-f]{16}/],
  },
  {
    says: 'so does a star, which names them too',
    sql: 'SELECT * FROM health.phi.patients WHERE id = 3',
    verdict: 'hold',
    refused: 'ApprovalRequired',
  },
  {
    says: 'and a diagnosis used only to filter by',
    sql: "SELECT COUNT(*) FROM health.phi.visits WHERE diagnosis = 'I10'",
    verdict: 'hold',
    refused: 'ApprovalRequired',
  },
  {
    says: 'fees by city need nobody',
    sql: 'SELECT p.city, SUM(v.fee) AS fees FROM health.phi.patients p JOIN health.phi.visits v ON v.patient_id = p.id GROUP BY p.city ORDER BY p.city',
    verdict: 'allow',
  },
  {
    says: 'the result may be kept in STAGING',
    sql: 'CREATE TABLE staging.public.fees_by_city AS SELECT p.city, SUM(v.fee) AS fees FROM health.phi.patients p JOIN health.phi.visits v ON v.patient_id = p.id GROUP BY p.city',
    verdict: 'allow',
  },
  {
    says: 'and read there again',
    sql: 'SELECT COUNT(*) AS cities FROM staging.public.fees_by_city',
    verdict: 'allow',
  },
  {
    says: 'but not with an SSN in it, masked or not',
    sql: 'CREATE TABLE staging.public.everybody AS SELECT id, ssn FROM health.phi.patients',
    verdict: 'deny',
    refused: 'PersistRefused',
    shows: ['HEALTH.PHI.PATIENTS.SSN'],
  },
  {
    says: 'an export to a stage is refused',
    sql: 'COPY INTO @~/out FROM (SELECT id, city FROM health.phi.patients)',
    verdict: 'deny',
    refused: 'PolicyDenied',
    shows: ['no-exports', 'STAGING.PUBLIC'],
  },
  {
    says: 'so is an export to a bucket',
    sql: "COPY INTO 's3://elsewhere/x' FROM health.phi.patients",
    verdict: 'deny',
    refused: 'PolicyDenied',
  },
  {
    says: 'and a download',
    sql: 'GET @~/out file:///tmp/out',
    verdict: 'deny',
    refused: 'PolicyDenied',
  },
  {
    says: 'patients are not written to',
    sql: "UPDATE health.phi.patients SET ssn = '*******0001' WHERE id = 1",
    verdict: 'deny',
    refused: 'PolicyUncovered',
  },
  {
    says: 'nothing is dropped',
    sql: 'DROP TABLE health.phi.patients',
    verdict: 'deny',
    refused: 'PolicyDenied',
    shows: ['no-drops', '#data-platform'],
  },
]
