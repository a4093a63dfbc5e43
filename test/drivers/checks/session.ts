/** Statements about the session, and about what is there. Last: they change what later ones see. */

import { hides, lists, maskedPatients, ran, rows } from '../answer.ts'
import { query, type Check } from '../check.ts'

const item = 'session and close'

export const session: readonly Check[] = [
  query(
    item,
    'SHOW TABLES lists what may be read',
    'SHOW TABLES IN SCHEMA health.phi',
    lists({ name: 'PATIENTS', schema_name: 'PHI' }),
  ),
  query(item, 'SHOW TABLES hides the rest', 'SHOW TABLES IN ACCOUNT', hides('EVENTS')),
  query(
    item,
    'DESCRIBE TABLE',
    'DESCRIBE TABLE health.phi.patients',
    lists({ name: 'SSN', type: 'VARCHAR(11)' }),
  ),
  query(item, 'USE SCHEMA', 'USE SCHEMA health.phi', ran),
  query(
    item,
    'an unqualified name after USE SCHEMA',
    'SELECT id, ssn FROM patients ORDER BY id LIMIT 3',
    maskedPatients(3),
  ),
  query(item, 'ALTER SESSION', "ALTER SESSION SET TIMEZONE = 'Asia/Tokyo'", ran),
  query(
    item,
    'the time zone that was set',
    "SELECT '2024-06-01 09:00:00'::TIMESTAMP_LTZ AS t",
    rows(['2024-06-01T00:00:00.000Z']),
  ),
]
