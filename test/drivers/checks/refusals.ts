/** What policy refuses: one error that the driver raises as Snowflake's, and no second request. */

import { refused } from '../answer.ts'
import { query, type Check } from '../check.ts'

const refusal = (name: string, sql: string, ...words: readonly string[]): Check => ({
  ...query('blocked: exact error, one request', name, sql, refused(...words)),
  refused: true,
})

/** The driver does nothing with the file before the statement is answered. */
const transfer = (name: string, sql: string, word: string): Check => ({
  name,
  item: 'PUT refused',
  sql,
  operation: 'file',
  judge: (answer, circumstances) =>
    // JDBC refuses by itself: the login told it that there are no transfers here.
    answer.error?.message === 'File transfers have been disabled.'
      ? undefined
      : refused(word)(answer, circumstances),
})

export const refusals: readonly Check[] = [
  refusal(
    'a predicate on a masked column is refused',
    "SELECT name FROM health.phi.patients WHERE ssn = '900-12-3456'",
    'HEALTH.PHI.PATIENTS.SSN',
    'WHERE',
  ),
  refusal(
    'DROP TABLE is refused',
    'DROP TABLE health.phi.patients',
    '"never"',
    'Ask #data-platform; agents may not drop.',
  ),
  refusal(
    'a table that no rule allows is refused',
    'SELECT event_id FROM staging.public.events',
    'STAGING.PUBLIC.EVENTS',
  ),
  refusal('a function off the list is refused', 'SELECT SYSTEM$WAIT(1)', 'SYSTEM$WAIT'),
  refusal(
    'INSERT is refused',
    "INSERT INTO analytics.public.customers VALUES (1, 'x', 'EMEA')",
    'INSERT',
  ),
  transfer('PUT is refused', 'PUT file://{file} @~', 'PUT'),
  transfer('PUT behind a comment is refused', '-- upload\nPUT file://{file} @~', 'PUT'),
  transfer('PUT behind a block comment is refused', '/* upload */PUT file://{file} @~', 'PUT'),
  transfer('GET is refused', 'GET @~/token file://{folder}/', 'GET'),
]
