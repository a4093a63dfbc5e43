/** Views, however they carry protected columns. */

import { attacks } from '../group.ts'

const refused = 'deny:ColumnUseRefused'

export const viewAttacks = [
  ...attacks('view/read', 'mask', [
    'SELECT * FROM v_plain',
    'SELECT ssn FROM v_plain',
    'SELECT * FROM v_star',
    'SELECT dob, email, salary FROM v_star',
    'SELECT code FROM v_renamed',
    'SELECT code AS ssn, contact AS city, day, pay FROM v_renamed',
    'SELECT c FROM v_nested',
    'SELECT * FROM v_nested',
    'SELECT area FROM v_derived',
    'SELECT id, yearly, born FROM v_derived',
    'SELECT * FROM v_joined',
    'SELECT ssn, ward FROM v_joined',
    'SELECT * FROM v_union',
    'SELECT value FROM v_union',
    'SELECT v.code, p.ssn FROM v_renamed v JOIN patients p ON p.id = v.pid',
    'SELECT v_renamed.code FROM phi.v_renamed',
    'SELECT health.phi.v_plain.ssn FROM health.phi.v_plain',
    { sql: 'SELECT $2 FROM v_renamed', runs: false },
    'SELECT * EXCLUDE (pid) FROM v_renamed',
    'WITH v_plain AS (SELECT code AS x FROM v_renamed) SELECT x FROM v_plain',
    'SELECT UPPER(code), pay * 2 FROM v_renamed',
    'SELECT LENGTH(area), yearly / 12 FROM v_derived',
    { sql: 'SELECT ssn FROM phi.v_plain', at: 'HEALTH.PUBLIC' },
  ]),
  ...attacks('view/beside', 'allow', [
    'SELECT * FROM v_open',
    'SELECT * FROM v_counts ORDER BY city',
  ]),
  ...attacks('view/influence', refused, [
    "SELECT id FROM v_plain WHERE ssn LIKE '9%'",
    "SELECT pid FROM v_renamed WHERE code = '900-11-0001'",
    'SELECT pid FROM v_renamed ORDER BY pay',
    'SELECT n FROM v_nested WHERE pay > 50000',
    "SELECT id FROM v_derived WHERE area = '900'",
    'SELECT born, COUNT(*) FROM v_derived GROUP BY born',
    'SELECT SUM(yearly) FROM v_derived',
    'SELECT COUNT(*) FROM v_joined j JOIN guesses g ON g.g = j.ssn',
    "SELECT id FROM v_union WHERE value = '900-11-0001'",
    'SELECT DISTINCT value FROM v_union',
    'SELECT DISTINCT code FROM v_renamed',
    'SELECT COUNT(*) FROM v_plain NATURAL JOIN v_star',
    'SELECT MAX(c) FROM v_nested',
  ]),
  ...attacks(
    'view-filter/rows',
    'mask',
    [
      { sql: 'SELECT * FROM v_filtered', outcome: 'allow' },
      { sql: 'SELECT COUNT(*) AS n FROM v_filtered', outcome: 'allow' },
      'SELECT p.ssn FROM v_filtered f JOIN patients p ON p.id = f.id',
    ],
    { same: false },
  ),
  ...attacks('view/unknown', 'deny:ObjectUnknown', [
    'SELECT * FROM v_missing',
    'SELECT * FROM "v_plain"',
    'SELECT * FROM analytics.public.v_plain',
  ]),
]
