/** A masked column shows masks only, on whatever way it comes. */

import { maskedPatients, rows } from '../answer.ts'
import { query, type Check } from '../check.ts'

const item = 'masked columns'

export const masks: readonly Check[] = [
  query(
    item,
    'an SSN masked',
    'SELECT id, ssn FROM health.phi.patients ORDER BY id LIMIT 100',
    maskedPatients(100),
  ),
  query(
    item,
    'an SSN masked under another name',
    'SELECT id, p.ssn AS city FROM health.phi.patients p ORDER BY id LIMIT 5',
    maskedPatients(5),
  ),
  query(
    item,
    'an SSN masked through a common table expression',
    'WITH people AS (SELECT id, ssn AS s FROM health.phi.patients) SELECT id, s FROM people ORDER BY id LIMIT 5',
    maskedPatients(5),
  ),
  query(
    item,
    'an SSN masked in a join',
    'SELECT p.id, p.ssn FROM health.phi.patients p JOIN health.phi.visits v ON v.patient_id = p.id ORDER BY v.visit_id LIMIT 5',
    maskedPatients(5),
  ),
  query(
    item,
    'an SSN masked in an arm of a UNION ALL',
    'SELECT id, name FROM health.phi.patients WHERE id < 0 UNION ALL SELECT id, ssn FROM health.phi.patients WHERE id <= 5 ORDER BY id',
    maskedPatients(5),
  ),
  query(
    item,
    'an SSN masked through a view',
    'SELECT id, ssn FROM health.phi.patient_directory ORDER BY id LIMIT 5',
    maskedPatients(5),
  ),
  query(
    item,
    'an SSN that is NULL stays NULL',
    'SELECT id, ssn FROM health.phi.patients WHERE id = 97',
    rows(['97', null]),
  ),
]
